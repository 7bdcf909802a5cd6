// One figure with its name, in the row of figures on top of a page.
import type { ReactNode } from "react";

export function Tile({ name, children, wide }: { name: string; children: ReactNode; wide?: boolean }) {
  return (
    <div className={wide ? "tile wide" : "tile"}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
