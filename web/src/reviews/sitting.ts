// One sitting over pairs: what was decided here, what stands of each pair now, and what an undo brings back.
import type { Schema } from "../asking.ts";

export type Pair = Schema<"Review">;
export type Verdict = "same" | "different" | "later";
export const VIEWS = ["open", "later", "decided"] as const;
export type View = (typeof VIEWS)[number];

/** A decision of this sitting, and what stood before it. */
export interface Deed {
  pair: Pair;
  verdict: Verdict;
  before: Pair["decided"];
}

export interface Sitting {
  /** What stands of pairs that were touched here, by id; others stand as they were read. */
  now: ReadonlyMap<string, Pair["decided"]>;
  /** The last one is what an undo takes back. */
  deeds: readonly Deed[];
}
export const FRESH: Sitting = { now: new Map(), deeds: [] };

/** Where a pair waits by what was decided of it. */
export function viewOf(decided: Pair["decided"]): View {
  if (!decided) return "open";
  return decided.decision === "later" ? "later" : "decided";
}

/** What stands of a pair. */
export function standing(sitting: Sitting, pair: Pair): Pair["decided"] {
  const now = sitting.now.get(pair.id);
  return now === undefined ? pair.decided : now;
}

/** The pairs of a view as they stand now. */
export function inView(sitting: Sitting, pairs: readonly Pair[], view: View): Pair[] {
  return pairs.filter((pair) => viewOf(standing(sitting, pair)) === view);
}

function stands(sitting: Sitting, id: string, decided: Pair["decided"]): ReadonlyMap<string, Pair["decided"]> {
  return new Map(sitting.now).set(id, decided);
}

/** A pair was decided. */
export function decide(sitting: Sitting, pair: Pair, decided: NonNullable<Pair["decided"]>): Sitting {
  const before = standing(sitting, pair);
  return { now: stands(sitting, pair.id, decided), deeds: [...sitting.deeds, { pair, verdict: decided.decision, before }] };
}

/** The last decision taken back; the sitting as it is where there is none. */
export function undo(sitting: Sitting): Sitting {
  const last = sitting.deeds.at(-1);
  if (!last) return sitting;
  return { now: stands(sitting, last.pair.id, last.before), deeds: sitting.deeds.slice(0, -1) };
}

/** What the server has to be told to bring back what stood before a deed. */
export function taking(deed: Deed): { decision: Verdict | "undo"; why: string } {
  return deed.before ? { decision: deed.before.decision, why: deed.before.why } : { decision: "undo", why: "" };
}

/** How a view's count moved since the pairs were read. */
export function moved(sitting: Sitting, pairs: readonly Pair[], view: View): number {
  let by = 0;
  for (const pair of pairs) {
    if (!sitting.now.has(pair.id)) continue;
    if (viewOf(pair.decided) === view) by -= 1;
    if (viewOf(standing(sitting, pair)) === view) by += 1;
  }
  return by;
}

/** Which pair comes up when the one at `at` has left: the next one, at the end the one before; null: none is left. */
export function following(rest: readonly Pair[], at: number): Pair | null {
  return rest[Math.min(Math.max(at, 0), rest.length - 1)] ?? null;
}

/** The sitting without a deed that the server did not take. */
export function withoutDeed(sitting: Sitting, deed: Deed): Sitting {
  const deeds = sitting.deeds.filter((one) => one !== deed && !(one.pair.id === deed.pair.id && one.verdict === deed.verdict && one.before === deed.before));
  return { now: stands(sitting, deed.pair.id, deed.before), deeds };
}
