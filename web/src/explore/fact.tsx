// Pieces of the explorer's panel: its heading, and one fact with its name.
import type { ReactNode } from "react";

/** Takes the focus only when it was asked for by Enter: who chooses several with the space bar stays in the picture. */
export function Heading({ children }: { children: ReactNode }) {
  return (
    <h2 id="explore-panel" tabIndex={-1}>
      {children}
    </h2>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
