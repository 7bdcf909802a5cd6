// What people type becomes exact fen; what is told of late payments, ladders and reads follows the figures.
import { expect, it } from "vitest";
import { extent } from "./bars.tsx";
import { stepName } from "./cash.tsx";
import { dayAfter, fenOf, isDay } from "./fields.ts";
import { otherNames } from "./head.tsx";
import { runsOf } from "./history.tsx";
import { placeOf } from "./wealth.tsx";
import { worst } from "./whatif.tsx";

it.each([
  ["100", "zh", 100_000_000],
  ["1,234.5", "zh", 1_234_500_000],
  ["0.000001", "zh", 1],
  ["0.29", "zh", 290_000],
  ["-3", "zh", -3_000_000],
  ["5", "en", 500_000_000],
  ["0.07", "en", 7_000_000],
  ["", "zh", null],
  ["1e3", "zh", null],
  ["1.2.3", "zh", null],
  ["999999999999", "en", null],
] as const)("%s in %s is %s fen", (text, lang, fen) => {
  expect(fenOf(text, lang)).toBe(fen);
});

it("knows days", () => {
  expect(isDay("2024-02-29")).toBe(true);
  expect(isDay("2025-02-29")).toBe(false);
  expect(isDay("31.1.2026")).toBe(false);
  expect(dayAfter("2025-12-31", 1)).toBe("2026-01-01");
  expect(dayAfter("2026-03-01", -1)).toBe("2026-02-28");
});

it("names steps by month or day", () => {
  expect(stepName("month", "2026-01-01")).toBe("2026-01");
  expect(stepName("week", "2026-01-05")).toBe("2026-01-05");
});

it("finds up to which step most is missing in all", () => {
  const step = (first: string, usual_inflow_fen: number, late_inflow_fen: number) => ({ first, usual_inflow_fen, late_inflow_fen });
  expect(worst([step("a", 100, 40), step("b", 100, 70), step("c", 100, 190)])).toEqual({ first: "b", fen: 90 });
  expect(worst([step("a", 100, 100)])).toBeNull();
  expect(worst([])).toBeNull();
});

it("places days on the ladder", () => {
  expect(placeOf("2026-01-01", "2026-01-01", "2026-01-11")).toBe(0);
  expect(placeOf("2026-01-06", "2026-01-01", "2026-01-11")).toBe(50);
  expect(placeOf("2027-01-01", "2026-01-01", "2026-01-11")).toBe(100);
});

it("tells the same deed of a Beijing day once", () => {
  const entry = (at: string, by: string) => ({ at, by, action_text: "read" });
  const runs = runsOf([entry("2026-11-22T17:00:00Z", "b"), entry("2026-11-22T16:30:00Z", "a"), entry("2026-11-22T15:30:00Z", "a"), entry("2026-11-22T15:00:00Z", "a")]);
  expect(runs.map(({ by, times }) => [by, times])).toEqual([["b", 1], ["a", 1], ["a", 2]]);
});

it("draws small figures beside large ones", () => {
  expect(extent(100, 100)).toBe(100);
  expect(extent(-1, 100)).toBe(10);
  expect(extent(0, 0)).toBe(0);
});

it("lists names it does not go by", () => {
  const member = (name: string | null) => ({ party: "", scheme: "", code: null, name, reason: null, reason_text: null, evidence: 0 });
  expect(otherNames({ name: "A", members: [member("A"), member("B"), member(null), member("B")] })).toEqual(["B"]);
});
