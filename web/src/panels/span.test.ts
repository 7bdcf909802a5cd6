// Months of books: the run between two, and its gaps.
import { expect, it } from "vitest";
import { monthsBetween, runs, spanOf } from "./span.ts";

it("counts months over the turn of a year", () => {
  expect(monthsBetween("2023-11-30", "2024-02-01")).toEqual(["2023-11", "2023-12", "2024-01", "2024-02"]);
  expect(monthsBetween("2024-03", "2024-02")).toEqual([]);
});

it("spans what is known, own books included", () => {
  expect(spanOf(["2024-01"], "2023-12-05", "2024-02-28")).toEqual(["2023-12", "2024-01", "2024-02"]);
  expect(spanOf(["2024-03"], null, null)).toEqual(["2024-03"]);
  expect(spanOf([], null, null)).toEqual([]);
});

it("joins neighbouring months", () => {
  expect(runs(["2023-12", "2024-01", "2024-03"])).toEqual([
    ["2023-12", "2024-01"],
    ["2024-03", "2024-03"],
  ]);
});
