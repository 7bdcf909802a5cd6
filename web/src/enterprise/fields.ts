// What people type into fields, as the API wants it.
import type { Lang } from "../words.ts";

/** An amount typed in the middle unit (万元, CNY m), in fen; null where it is none. Digits are moved, never multiplied as floats. */
export function fenOf(text: string, lang: Lang): number | null {
  const found = /^(-?)(\d{1,12})(?:\.(\d{1,8}))?$/.exec(text.trim().replace(/[,，\s]/g, "").replace(/^−/, "-"));
  if (!found) return null;
  const [, sign, whole = "", part = ""] = found;
  const places = lang === "zh" ? 6 : 8;
  const fen = Number(whole + part.slice(0, places).padEnd(places, "0"));
  return Number.isSafeInteger(fen) ? (sign ? -fen : fen) : null;
}

/** A day as 2026-01-31, and one that there is. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().slice(0, 10) === text;
}

/** The day `days` after another. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Today in Beijing. */
export function today(): string {
  return new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
}
