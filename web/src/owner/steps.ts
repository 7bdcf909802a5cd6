// The way of an owner from consent to offer, and what of it stands in the address.
import type { Schema } from "../asking.ts";
import { type Place, withMore } from "../route.ts";

export const STEPS = ["consent", "papers", "proven", "apply", "offer"] as const;
export type Step = (typeof STEPS)[number];

export const PURPOSES = ["raw_materials", "orders", "wages", "rent_utilities", "tax", "other_working_capital"] as const;
export const MONTHS = [3, 6, 12, 24, 36] as const;
/** Amounts offered for a tap, in yuan. */
export const AMOUNTS = [100_000, 300_000, 500_000, 1_000_000] as const;
export const PRODUCTS = ["working_capital", "receivables", "order"] as const;

export type Purpose = (typeof PURPOSES)[number];
export type Product = (typeof PRODUCTS)[number];
export type AmountUnit = "wan" | "yuan";

function among<T extends string>(choices: readonly T[], value: string | undefined): T | undefined {
  return choices.find((choice) => choice === value);
}

/** What the address says of the wish; what it leaves open has a default. */
export interface Wish {
  amount: string;
  unit: AmountUnit;
  months: number;
  purpose: Purpose;
  product: Product;
}

export function stepOf(place: Place): Step | null {
  return among(STEPS, place.more?.["step"]) ?? null;
}

export function atStep(place: Place, step: Step | null, change: Parameters<typeof withMore>[1] = {}): Place {
  return withMore(place, { step, ...change });
}

export function wishOf(place: Place): Wish {
  const more = place.more ?? {};
  const months = Number(more["months"]);
  return {
    amount: more["amount"] ?? "",
    unit: more["unit"] === "yuan" ? "yuan" : "wan",
    months: (MONTHS as readonly number[]).includes(months) ? months : 12,
    purpose: among(PURPOSES, more["purpose"]) ?? "raw_materials",
    product: among(PRODUCTS, more["product"]) ?? "working_capital",
  };
}

/** Ids of the uploads of this visit, in the order they were sent. */
export function jobsOf(place: Place): string[] {
  return (place.more?.["jobs"] ?? "").split(",").filter((id) => /^[0-9a-f]{16}$/.test(id));
}

/** Exact fen of what somebody typed, in yuan or in units of 10,000 yuan; null where it is no amount. */
export function fenOf(text: string, unit: AmountUnit): number | null {
  const plain = text.replace(/[,，\s]/g, "").replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).replace(/[．。]/g, ".");
  const decimals = unit === "wan" ? 6 : 2;
  const [, whole, fraction = ""] = /^(\d{1,9})(?:\.(\d*))?$/.exec(plain) ?? [];
  if (whole === undefined || fraction.length > decimals) return null;
  const fen = Number(whole + fraction.padEnd(decimals, "0"));
  return fen > 0 && Number.isSafeInteger(fen) ? fen : null;
}

/** The same amount as it is typed in a unit. */
export function typed(fen: number, unit: AmountUnit): string {
  return String(Number((fen / (unit === "wan" ? 1_000_000 : 100)).toFixed(6)));
}

export type ProductOffered = Schema<"ProductOffered">;

/** Why an amount cannot be asked for: too small, too large, or no amount at all. */
export function wrongAmount(fen: number | null, product: Pick<ProductOffered, "least_fen" | "most_fen"> | undefined): "none" | "small" | "large" | null {
  if (fen === null) return "none";
  if (product && fen < product.least_fen) return "small";
  if (product && fen > product.most_fen) return "large";
  return null;
}

/** The day in Beijing of a moment. */
export function beijingDay(moment: string | Date): string {
  return new Date(new Date(moment).getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** The place with one more upload to be told of. */
export function withJob(place: Place, job: string): Place {
  return withMore(place, { jobs: [...jobsOf(place), job].join(",") });
}
