// Figures with a sign as bars left and right of a middle line; the figure itself stands beside each.
import type { ReactNode } from "react";

export interface Bar {
  key: string;
  name: ReactNode;
  value: number;
  text: ReactNode;
  /** Whether more of it is bad: red to the right. */
  bad?: boolean;
}

/** Half the width each way, by the square root: large figures do not hide small ones. */
export function extent(value: number, most: number): number {
  return most > 0 ? Math.sqrt(Math.abs(value) / most) * 100 : 0;
}

export function Bars({ rows }: { rows: readonly Bar[] }) {
  const most = Math.max(...rows.map(({ value }) => Math.abs(value)), 0);
  return (
    <ul className="bars">
      {rows.map((row) => (
        <li key={row.key}>
          <span className="name">{row.name}</span>
          <span className="sway" aria-hidden="true">
            <i className={row.value < 0 ? "minus" : "plus"} data-bad={row.bad === undefined ? undefined : row.bad === row.value > 0 ? "yes" : "no"} style={{ width: `${extent(row.value, most) / 2}%` }} />
          </span>
          <span className="number">{row.text}</span>
        </li>
      ))}
    </ul>
  );
}
