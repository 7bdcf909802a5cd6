// How the drawer writes a feature's value.
import { expect, it } from "vitest";
import { figure } from "./figure.ts";

const written = (value: number | string | null, unit: string, unit_label = ""): string => {
  const { large, small } = figure({ value, unit, unit_label }, "en", "middle");
  return `${large} ${small}`.trim();
};

it("says shares and growth in per cent, with a real sign", () => {
  expect(written(0.0306, "share")).toBe("3.1%");
  expect(written(0.3893, "growth")).toBe("+38.9%");
  expect(written(-0.12, "growth")).toBe("−12.0%");
});

it("says a logarithm of yuan as money first", () => {
  expect(written(Math.log10(1 + 11_411_931.92), "log10_yuan_a_year", "log10 of yuan a year")).toBe("11.41 CNY m · 7.057 log10 of yuan a year");
});

it("keeps words, numbers and their units, and says what is missing", () => {
  expect(written("高温尼龙", "text", "words")).toBe("高温尼龙");
  expect(written(12, "months", "months")).toBe("12 months");
  expect(written(1, "flag", "yes or no")).toBe("Yes");
  expect(written(null, "share")).toBe("—");
});
