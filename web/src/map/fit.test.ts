// Labels fit their room, and what is cut says so.
import { expect, it } from "vitest";
import { cut, widthOf, wrapped } from "./fit.ts";

it("leaves short labels alone", () => {
  expect(cut("正极材料", 100, 12)).toBe("正极材料");
  expect(wrapped("Cathode materials", 200, 12, 2)).toEqual(["Cathode materials"]);
});

it("cuts with an ellipsis and stays inside", () => {
  const text = cut("高温尼龙与改性工程塑料", 80, 12);
  expect(text.endsWith("…")).toBe(true);
  expect(widthOf(text, 12)).toBeLessThanOrEqual(80);
});

it("wraps English at spaces and loses no word", () => {
  const lines = wrapped("High-temperature nylon and engineering plastics", 160, 12, 3);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join(" ")).toBe("High-temperature nylon and engineering plastics");
});

it.each(["高温尼龙与改性工程塑料及其绝缘制品", "Hexamethylenediamine and nylon monomers for engineering plastics", "PA6T 增强粒子 and more"])("keeps %s within two lines", (text) => {
  const lines = wrapped(text, 90, 12, 2);
  expect(lines.length).toBeLessThanOrEqual(2);
  for (const line of lines) expect(widthOf(line, 12)).toBeLessThanOrEqual(90);
});
