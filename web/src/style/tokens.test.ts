// Text against its ground: at least 4.5 : 1 in both appearances (WCAG 2.2 AA), marks and rings 3 : 1.
import { expect, it } from "vitest";
import css from "./tokens.css?raw";

type Tokens = Record<string, string>;

function tokensOf(block: string | undefined): Tokens {
  return Object.fromEntries([...(block ?? "").matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]));
}
const blocks = [...css.matchAll(/:root[^{]*\{([^}]*)\}/g)].map(([, block]) => tokensOf(block));
const [light = {}, dark = {}] = blocks;

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string | undefined, b: string | undefined): number {
  const [low = 0, high = 0] = [luminance(a ?? ""), luminance(b ?? "")].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const TEXT = [
  ...["ground", "paper", "raised"].flatMap((on) => ["ink", "quiet", "accent", "negative"].map((text) => [text, on])),
  ["accent", "accent-soft"],
  ["quiet", "accent-soft"],
  ["ink", "accent-soft"],
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
  ["mark", "paper"],
  ["warn-ink", "warn-soft"],
  ["good-ink", "good-soft"],
  ...[0, 1, 2, 3, 4].map((at) => [`on-shade${at}`, `shade${at}`]),
  ...["less2", "less1", "same", "more1", "more2"].map((tone) => [`on-${tone}`, tone]),
  ...["0", "1", "2", "3", "4", "5", "other"].map((kind) => ["on-kind", `kind${kind}`]),
] as [string, string][];
const MARKS = [["edge", "paper"], ["focus", "paper"], ["focus", "ground"]] as [string, string][];

it.each(TEXT)("%s on %s is legible, light and dark", (text, on) => {
  expect(contrast(light[text], light[on])).toBeGreaterThanOrEqual(4.5);
  expect(contrast(dark[text], dark[on])).toBeGreaterThanOrEqual(4.5);
});

it.each(MARKS)("%s on %s is visible, light and dark", (mark, on) => {
  expect(contrast(light[mark], light[on])).toBeGreaterThanOrEqual(3);
  expect(contrast(dark[mark], dark[on])).toBeGreaterThanOrEqual(3);
});

it("says the dark colours once, and one for each light colour", () => {
  expect(blocks).toHaveLength(2);
  expect(Object.keys(dark)).toEqual(Object.keys(light));
});
