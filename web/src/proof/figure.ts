// A feature's value as text: whole numbers as they are, others with four significant figures.
import { count, MISSING } from "../format.ts";

export function figure(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return MISSING;
  if (typeof value === "string") return value;
  if (Number.isInteger(value)) return count(value);
  const text = Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}
