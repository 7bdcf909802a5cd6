// Both languages say the same thing with the same placeholders.
import { expect, it } from "vitest";
import { filled, type Pair, term, words } from "./words.ts";

const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

const rooms = import.meta.glob<{ own: Record<string, Pair> }>("./*/words.ts", { eager: true });
const all = [...Object.entries(words), ...Object.entries(rooms).flatMap(([room, { own }]) => Object.entries(own).map(([key, pair]) => [`${room} ${key}`, pair] as [string, Pair]))];

it.each(all)("%s is whole in both languages", (_, pair) => {
  expect(pair.zh).not.toBe("");
  expect(pair.en).not.toBe("");
  expect(holes(pair.zh)).toEqual(holes(pair.en));
  expect(pair.en).not.toMatch(/[一-鿿]/);
  if (/[a-z]{2} [a-z]{2}/.test(pair.en.replace(/\{.*?\}/g, ""))) expect(pair.zh).toMatch(/[一-鿿]/); // a sentence left in English
});

it("fills placeholders and leaves unknown ones standing", () => {
  expect(filled("{n} of {total}", { n: 40 })).toBe("40 of {total}");
});

it("tells one from many", () => {
  const text = "{n} {n:enterprise|enterprises}";
  expect(filled(text, { n: "1" })).toBe("1 enterprise");
  expect(filled(text, { n: "1,312" })).toBe("1,312 enterprises");
  expect(filled(text, { n: 0 })).toBe("0 enterprises");
});

it("names codes, and shows unknown ones as they are", () => {
  expect(term("zh", "micro")).toBe("微型");
  expect(term("en", "brand_new")).toBe("brand_new");
  expect(term("en", null)).toBe("—");
});
