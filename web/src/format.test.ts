// Numbers as a bank's page writes them.
import { describe, expect, it } from "vitest";
import { count, day, decimal, depth, depthColumn, legible, money, percent, rate, sentence, shortCount, unitName } from "./format.ts";

describe("money", () => {
  it.each([
    [123_456_789_00, "zh", "one", "123,456,789.00"],
    [123_456_789_00, "zh", "middle", "12,345.68"],
    [123_456_789_00, "zh", "large", "1.23"],
    [123_456_789_00, "en", "middle", "123.46"],
    [123_456_789_00, "en", "large", "0.12"],
    [0, "zh", "middle", "0.00"],
    [-1_500_000, "zh", "middle", "−1.50"],
    [-1, "zh", "middle", "0.00"],
    [5_000, "zh", "middle", "0.01"],
    [4_999, "zh", "middle", "0.00"],
    [7, "zh", "one", "0.07"],
  ] as const)("writes %i fen (%s, %s) as %s", (fen, lang, unit, text) => {
    expect(money(fen, lang, unit)).toBe(text);
  });
  it("says when there is no figure", () => expect(money(null, "zh", "middle")).toBe("—"));
  it("names the unit in both languages", () => {
    expect(unitName("zh", "middle")).toBe("万元");
    expect(unitName("en", "middle")).toBe("CNY m");
  });
});

it("groups counts by thousands", () => {
  expect(count(1312)).toBe("1,312");
  expect(count(-1_234_567)).toBe("−1,234,567");
  expect(count(12)).toBe("12");
});

it("shortens a count only where it would not fit, and never upwards", () => {
  expect(shortCount(9_999, "zh")).toBe("9999");
  expect(shortCount(123_456, "zh")).toBe("12.3万");
  expect(shortCount(99_999, "en")).toBe("99.9k");
  expect(shortCount(1_250_000, "en")).toBe("1.2m");
});

it("writes rates, shares, depths and decimals", () => {
  expect(rate("0.13")).toBe("13%");
  expect(rate("0.015")).toBe("1.5%");
  expect(rate("免税")).toBe("免税");
  expect(percent(0.876)).toBe("88%");
  expect(depth(3.956)).toBe("3.96");
  expect(depth(-1.2)).toBe("−1.20");
  expect(depth(-0.001)).toBe("0.00");
  expect(depth(5, 0)).toBe("5");
  expect(decimal("1250.5000")).toBe("1,250.5");
  expect(decimal("-0.010")).toBe("−0.01");
  expect(decimal("约十")).toBe("约十");
});

it("never writes a depth that looks like one of another column", () => {
  expect(depth(5.4769)).toBe("5.48");
  expect(depth(5.4999)).toBe("5.4999");
  expect(depth(5.5)).toBe("5.50");
  expect(depth(-1.501)).toBe("−1.501");
  expect(depthColumn(-1.5)).toBe(-1);
});

it("begins a name with a large letter", () => {
  expect(sentence("traction cells")).toBe("Traction cells");
  expect(sentence("动力电芯")).toBe("动力电芯");
});

it("groups an amount read from a paper, and no number of an account", () => {
  expect(legible("3000000.00")).toBe("3,000,000.00");
  expect(legible("-24696.50")).toBe("−24,696.50");
  for (const kept of ["246.96", "9990000000000000", "25332369470698624561", "22.05", "0.13", "XS-20251020-01"]) expect(legible(kept)).toBe(kept);
});

it("tells moments as days in Beijing", () => {
  expect(day("2026-11-22T15:59:59+00:00")).toBe("2026-11-22");
  expect(day("2026-11-22T16:00:00.5+00:00")).toBe("2026-11-23");
  expect(day("2026-11-23T01:00:00+08:00")).toBe("2026-11-23");
  expect(day("soon")).toBe("soon");
});
