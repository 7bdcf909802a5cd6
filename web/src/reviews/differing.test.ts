// What sets two names apart.
import { expect, it } from "vitest";
import { differing } from "./differing.ts";

it("finds the middle that differs", () => {
  expect(differing("平湖高温尼龙有限公司", "平湖高湿尼龙有限公司")).toEqual(["平湖高", "温", "尼龙有限公司"]);
  expect(differing("平湖尼龙", "平湖高温尼龙")).toEqual(["平湖", "", "尼龙"]);
  expect(differing("平湖高温尼龙", "平湖尼龙")).toEqual(["平湖", "高温", "尼龙"]);
});

it("says nothing of equal names, and all of strange ones", () => {
  expect(differing("甲公司", "甲公司")).toEqual(["甲公司", "", ""]);
  expect(differing("甲", "乙")).toEqual(["", "甲", ""]);
  expect(differing("𠮷田", "吉田")).toEqual(["", "𠮷", "田"]);
});
