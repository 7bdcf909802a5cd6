// A sitting: pairs leave their view when decided, come back on undo, and counts follow.
import { expect, it } from "vitest";
import { decide, following, FRESH, inView, moved, type Pair, standing, taking, undo, viewOf } from "./sitting.ts";

const side = (name: string) => ({ party: name, name, code: null, enterprise: null });
const pair = (id: string, decided: Pair["decided"] = null): Pair => ({ id, left: side("a"), right: side("b"), score: 1, impact_fen: 1, tie: false, features: [], decided });
const said = (decision: "same" | "different" | "later", why = "") => ({ decision, by: "li", at: "2026-01-01T00:00:00Z", why });
const PAIRS = [pair("1"), pair("2"), pair("3")];
const ids = (pairs: readonly Pair[]) => pairs.map(({ id }) => id);

it("takes a decided pair out of the queue and counts it", () => {
  const after = decide(FRESH, PAIRS[1]!, said("same"));
  expect(ids(inView(after, PAIRS, "open"))).toEqual(["1", "3"]);
  expect(["open", "later", "decided"].map((view) => moved(after, PAIRS, view as "open"))).toEqual([-1, 0, 1]);
});

it("goes on with the next one, at the end with the one before", () => {
  const rest = [PAIRS[0]!, PAIRS[2]!];
  expect(following(rest, 1)?.id).toBe("3");
  expect(following(rest, 2)?.id).toBe("3");
  expect(following([], 0)).toBeNull();
});

it("brings back what stood before, the last first", () => {
  const put = pair("9", said("later", "wait"));
  const two = decide(decide(FRESH, PAIRS[0]!, said("different")), put, said("same"));
  expect(taking(two.deeds.at(-1)!)).toEqual({ decision: "later", why: "wait" });
  const one = undo(two);
  expect(viewOf(standing(one, put))).toBe("later");
  expect(taking(one.deeds.at(-1)!)).toEqual({ decision: "undo", why: "" });
  const none = undo(one);
  expect(ids(inView(none, PAIRS, "open"))).toEqual(["1", "2", "3"]);
  expect(moved(none, PAIRS, "open")).toBe(0);
  expect(undo(none)).toBe(none);
});

it("keeps what was decided twice as one undo each", () => {
  const again = decide(decide(FRESH, PAIRS[0]!, said("same")), PAIRS[0]!, said("different"));
  expect(standing(undo(again), PAIRS[0]!)?.decision).toBe("same");
});
