// What of a map stands in its address: colour, time, bands, what the legend lights, which cells are chosen.
import { type Place, withMore } from "../route.ts";

export const COLORS = ["count", "amount", "risk", "growth", "region"] as const;
export type Color = (typeof COLORS)[number];
/** Colours that two dates can be compared by. */
export const COMPARED = ["count", "amount"] as const satisfies readonly Color[];
export const BANDS = ["main", "all", "down", "back", "none"] as const;
export type Bands = (typeof BANDS)[number];

export interface View {
  color: Color;
  bands: Bands;
  /** Ids of legend entries that stay lit; none: all. */
  only: readonly string[];
  /** Chosen cells, as keys. */
  cells: readonly string[];
  asOf: string | undefined;
  months: number | undefined;
  before: string | undefined;
  after: string | undefined;
  /** Which of the ways to the core is drawn. */
  way: number;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const CELL = /^[a-z0-9-]{1,60}:-?\d{1,3}$/;
/** How many full months a date stands for where nothing else is said. */
export const MONTHS = 12;
/** As many as one question to the lists may name. */
export const CELLS_AT_MOST = 200;

function day(text: string | undefined): string | undefined {
  return text !== undefined && DAY.test(text) ? text : undefined;
}

/** Reads the view; what makes no sense is left out. */
export function viewOf(place: Place): View {
  const more = place.more ?? {};
  const before = day(more["before"]);
  const asked = COLORS.find((one) => one === more["color"]) ?? (before ? "amount" : "count");
  const color = before && !COMPARED.some((one) => one === asked) ? "amount" : asked;
  const months = Number(more["months"]);
  return {
    color,
    bands: BANDS.find((one) => one === more["bands"]) ?? "main",
    only: more["only"] ? more["only"].split(",") : [],
    cells: (more["cells"] ?? "").split(",").filter((cell) => CELL.test(cell)).slice(0, CELLS_AT_MOST).map((cell) => cell.replace(":", "@")),
    asOf: before ? undefined : day(more["as_of"]),
    months: Number.isInteger(months) && months > 0 && months <= 120 ? months : undefined,
    before,
    after: before ? day(more["after"]) : undefined,
    way: Math.max(0, Math.trunc(Number(more["way"] ?? 1)) - 1 || 0),
  };
}

/** Chosen cells as the address and the lists write them. */
export function written(cells: readonly string[]): string[] {
  return [...new Set(cells)].sort().slice(0, CELLS_AT_MOST).map((cell) => cell.replace("@", ":"));
}

/** The place with other cells chosen. */
export function choosing(place: Place, cells: readonly string[]): Place {
  return withMore(place, { cells: written(cells).join(",") });
}

/** What every place of this map keeps when something else is opened in it. */
export function keptBy(place: Place): Place["more"] {
  const { proof: _, ...kept } = place.more ?? {};
  return Object.keys(kept).length ? kept : undefined;
}
