// A feature's value as a reader writes it: shares in per cent, amounts in money, the rest with its unit.
import { count, MISSING, money, percent, type Unit, unitName } from "../format.ts";
import type { Lang } from "../words.ts";

interface Value {
  value: number | string | null | undefined;
  /** Code of the unit, and its word. */
  unit: string;
  unit_label: string;
}

/** Whole numbers as they are, others with four significant figures. */
export function plain(value: number): string {
  if (Number.isInteger(value)) return count(value);
  const text = Math.abs(value) >= 1000 ? count(Math.round(value)) : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}

/** `large`: the figure; `small`: its unit, and for a logarithm the value that models read. */
export function figure({ value, unit, unit_label }: Value, lang: Lang, in_: Unit): { large: string; small: string } {
  if (value === null || value === undefined) return { large: MISSING, small: "" };
  if (typeof value === "string") return { large: value, small: "" };
  switch (unit) {
    case "share":
    case "probability":
      return { large: percent(value, 1), small: "" };
    case "growth":
      return { large: `${value > 0 ? "+" : ""}${percent(value, 1)}`.replace("-", "−"), small: "" };
    case "log10_yuan":
    case "log10_yuan_a_year":
      return { large: money((10 ** value - 1) * 100, lang, in_), small: `${unitName(lang, in_)} · ${plain(value)} ${unit_label}` };
    case "flag":
      return { large: { zh: ["否", "是"], en: ["No", "Yes"] }[lang][value ? 1 : 0] ?? MISSING, small: "" };
    default:
      return { large: plain(value), small: unit_label };
  }
}
