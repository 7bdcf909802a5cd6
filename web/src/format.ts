// Numbers, money, dates and shares as a Chinese bank's page writes them; money stays integer fen until here.
import type { Lang } from "./words.ts";

/** The three steps of the unit switch: 元 / 万元 / 亿元, in English CNY / CNY m / CNY bn. */
export const UNITS = ["one", "middle", "large"] as const;
export type Unit = (typeof UNITS)[number];

const FEN: Record<Lang, Record<Unit, number>> = {
  zh: { one: 100, middle: 1_000_000, large: 10_000_000_000 },
  en: { one: 100, middle: 100_000_000, large: 100_000_000_000 },
};
const NAME: Record<Lang, Record<Unit, string>> = {
  zh: { one: "元", middle: "万元", large: "亿元" },
  en: { one: "CNY", middle: "CNY m", large: "CNY bn" },
};

export const MISSING = "—";
const MINUS = "−";

export function unitName(lang: Lang, unit: Unit): string {
  return NAME[lang][unit];
}

/** A name as it stands alone: its first letter large (names of segments come in lower case). */
export function sentence(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** 12345 → 12,345. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return MISSING;
  const digits = Math.abs(Math.trunc(value)).toString();
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, ",");
  return value < 0 ? MINUS + grouped : grouped;
}

/** Fen in the chosen unit, two decimals, thousands by comma, half away from zero; the unit is not printed. */
export function money(fen: number | null | undefined, lang: Lang, unit: Unit): string {
  if (fen === null || fen === undefined) return MISSING;
  const hundredths = Math.round(Math.abs(fen) / (FEN[lang][unit] / 100));
  const text = `${count(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, "0")}`;
  return fen < 0 && hundredths > 0 ? MINUS + text : text;
}

/** A count short enough for a small cell: 123,456 → 12.3万 / 123k. Exact below ten thousand. */
export function shortCount(value: number, lang: Lang): string {
  if (value < 10_000) return String(value);
  const [size, name] = lang === "zh" ? [10_000, "万"] : value < 1_000_000 ? [1_000, "k"] : [1_000_000, "m"];
  const scaled = value / size;
  return `${scaled < 100 ? String(Math.floor(scaled * 10) / 10) : String(Math.floor(scaled))}${name}`;
}

/** A share between 0 and 1 as a percentage. */
export function percent(share: number | null | undefined, decimals = 0): string {
  return share === null || share === undefined ? MISSING : `${(share * 100).toFixed(decimals)}%`;
}

/** A tax rate as it comes ("0.13", "13%" or null) as a percentage without idle zeros. */
export function rate(value: string | null): string {
  if (value === null || value === "") return MISSING;
  const number = Number(value);
  return Number.isFinite(number) ? `${Number((number * 100).toFixed(4))}%` : value;
}

/** The map column of a depth: rounded half up. */
export function depthColumn(value: number): number {
  return Math.floor(value + 0.5);
}

/** Depth with two decimals and a real minus sign; with more where two would round it into another map column. */
export function depth(value: number | null | undefined, decimals = 2): string {
  if (value === null || value === undefined) return MISSING;
  const crosses = depthColumn(Number(value.toFixed(decimals))) !== depthColumn(value);
  if (decimals > 0 && decimals < 8 && crosses) return depth(value, decimals + 1);
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** A decimal that came as a string, with thousands by comma and its own decimals without idle zeros. */
export function decimal(value: string | null): string {
  if (value === null || value === "") return MISSING;
  const [, sign, whole, fraction] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value) ?? [];
  if (whole === undefined) return value;
  const kept = (fraction ?? "").replace(/0+$/, "");
  return (sign ? MINUS : "") + whole.replace(/\B(?=(\d{3})+$)/g, ",") + (kept ? `.${kept}` : "");
}

/** A value read from a paper: an amount to the fen gets its thousands, all else (numbers of invoices, accounts) stays. */
export function legible(value: string): string {
  const [, sign, whole, fen] = /^(-?)(\d{4,15})\.(\d{2})$/.exec(value) ?? [];
  return whole === undefined ? value : `${sign ? MINUS : ""}${count(Number(whole))}.${fen}`;
}

/** The day in Beijing of a moment ("2026-11-22T17:00:00+00:00" → 2026-11-23); what is no moment stays as it is. */
export function day(at: string): string {
  const moment = Date.parse(at);
  return Number.isNaN(moment) ? at : new Date(moment + 8 * 3_600_000).toISOString().slice(0, 10);
}
