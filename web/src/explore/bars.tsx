// Months as bars: the histogram of a link, and the one under the time slider.
import { count } from "../format.ts";

const HEIGHT = 44;

/** One bar a month; those outside of `first`..`last` stand back. Negative months (red invoices) go below the line. */
export function Bars({ values, label, first = 0, last = Infinity, titles }: { values: readonly number[]; label: string; first?: number; last?: number; titles: readonly string[] }) {
  const most = Math.max(1, ...values.map(Math.abs));
  const width = Math.max(1, values.length);
  return (
    <svg className="bars" viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {values.map((value, at) => {
        const high = (Math.abs(value) / most) * (HEIGHT - 2);
        return (
          <rect key={titles[at]} x={at + 0.12} width={0.76} y={HEIGHT - Math.max(high, value ? 1 : 0)} height={Math.max(high, value ? 1 : 0)} className={at < first || at > last ? "out" : value < 0 ? "red" : undefined}>
            <title>{titles[at] ?? count(value)}</title>
          </rect>
        );
      })}
    </svg>
  );
}
