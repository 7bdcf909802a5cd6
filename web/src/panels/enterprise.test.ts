// The sentence that says why level and depth differ follows the numbers.
import { expect, it } from "vitest";
import { whyTheyDiffer } from "./enterprise.tsx";

it.each([
  [{ level: 1, depth: 3.4 }, "why_deeper"],
  [{ level: 4, depth: 2.1 }, "why_shallower"],
  [{ level: 3, depth: 3.3 }, "why_near"],
  [{ level: -2, depth: -1.8 }, "why_near"],
  [{ level: -3, depth: -1.2 }, null],
  [{ level: null, depth: 3.3 }, "why_no_level"],
  [{ level: 0, depth: 0.2 }, null],
  [{ level: 2, depth: null }, null],
] as const)("%j → %s", (position, word) => {
  expect(whyTheyDiffer(position)).toBe(word);
});
