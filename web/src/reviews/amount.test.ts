// Typed yuan become exact fen, or nothing.
import { expect, it } from "vitest";
import { fenOf } from "./amount.ts";

it.each([
  ["300000", 30_000_000],
  ["300,000.5", 30_000_050],
  ["0.29", 29],
  ["８００．０５", 80_005],
  [" 1 000 ", 100_000],
] as const)("%s", (text, fen) => {
  expect(fenOf(text)).toBe(fen);
});

it.each(["", "30万", "1.234", "-5", "1e5", ".5", "12345678901234"])("%s is no amount", (text) => {
  expect(fenOf(text)).toBeNull();
});
