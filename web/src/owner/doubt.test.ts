// Which place of a paper is shown as doubtful, and what is cut out around it.
import { expect, it } from "vitest";
import type { Schema } from "../asking.ts";
import { cutOf, doubtful } from "./doubt.tsx";

const field = (path: string, confidence: number | null, page: number | null = 1): Schema<"DocumentField"> => ({ path, value: "1", page, box: page ? [100, 50, 160, 62] : null, method: { code: "text", text: "" }, confidence, checks: [], corrected: null });

it("shows what a warning names, else the least sure value, else nothing", () => {
  const fields = [field("number", 1), field("lines[0].rate", 0.8), field("total", 0.5), field("note", 0.1, null)];
  expect(doubtful(fields, ["rate"])?.path).toBe("lines[0].rate");
  expect(doubtful(fields, [])?.path).toBe("total");
  expect(doubtful([field("number", 0.95)], ["nowhere"])).toBeNull();
});

it("cuts inside the page", () => {
  expect(cutOf([100, 50, 160, 62], { width: 200, height: 300 })).toEqual({ left: 40, top: 36, width: 160, height: 40 });
  expect(cutOf([0, 0, 10, 10], { width: 200, height: 300 })).toEqual({ left: 0, top: 0, width: 70, height: 24 });
});
