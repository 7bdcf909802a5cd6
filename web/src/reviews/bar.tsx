// A signed figure as a bar from the middle: what adds to the right, what takes away to the left. The number stands beside it.

export function Bar({ value, most, kind }: { value: number; most: number; kind?: "good" | "bad" | undefined }) {
  const share = most > 0 ? Math.min(Math.abs(value) / most, 1) * 50 : 0;
  return (
    <span className="signed" aria-hidden="true">
      <i className={kind} style={{ width: `${share}%`, left: value < 0 ? `${50 - share}%` : "50%" }} />
    </span>
  );
}

/** How much of a limit is used, before and with what is asked for. */
export function Use({ before, after, limit }: { before: number; after: number; limit: number }) {
  const share = (fen: number): number => (limit > 0 ? Math.min(fen / limit, 1) * 100 : 100);
  return (
    <span className={after > limit ? "use over" : "use"} aria-hidden="true">
      <i className="then" style={{ width: `${share(after)}%` }} />
      <i style={{ width: `${share(before)}%` }} />
    </span>
  );
}

/** 2.5 → +2.50, with a real minus sign. */
export function signed(value: number, decimals = 2): string {
  const text = Math.abs(value).toFixed(decimals);
  return Number(text) === 0 ? text : (value < 0 ? "−" : "+") + text;
}
