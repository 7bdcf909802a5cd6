// Months as "2024-03": the run of them between two, and what is missing in it.

function next(month: string): string {
  const [year = 0, at = 0] = month.split("-").map(Number);
  return at === 12 ? `${year + 1}-01` : `${year}-${String(at + 1).padStart(2, "0")}`;
}

/** Every month from `first` to `last`, both included; dates count for their month. Empty where they are out of order. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  for (let month = first.slice(0, 7); month <= last.slice(0, 7); month = next(month)) months.push(month);
  return months;
}

/** The months of a side: from the first to the last day anything is known of, own books included. */
export function spanOf(own: readonly string[], first: string | null, last: string | null): string[] {
  const known = [...own, first, last].filter((at) => at !== null).map((at) => at.slice(0, 7)).sort();
  return known.length ? monthsBetween(known[0] ?? "", known.at(-1) ?? "") : [];
}

/** Neighbouring months as [from, to]; a single month is both. */
export function runs(months: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (const month of months) {
    const open = found.at(-1);
    if (open && next(open[1]) === month) open[1] = month;
    else found.push([month, month]);
  }
  return found;
}
