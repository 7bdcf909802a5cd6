// What a cell looks like and says in a colour: the classes of the legend and each cell's place among them.
import type { Schema } from "../asking.ts";
import { count, MISSING, percent, shortCount } from "../format.ts";
import type { Say } from "../say.ts";
import type { Lang } from "../words.ts";
import { keyOf, SHADES, shadeOf, shadeSteps } from "./layout.ts";
import type { Color } from "./view.ts";
import type { own } from "./words.ts";

export type ChainMap = Schema<"ChainMap">;
type Cell = ChainMap["cells"][number];

export interface Entry {
  id: string;
  /** The class that colours it; its tokens are `--tone` and `--on-tone`. */
  tone: string;
  text: string;
  cells: number;
}
export interface Mark {
  entry: number;
  /** What stands in the cell. */
  short: string;
  /** The same as part of a sentence; empty where the sentence says it anyway. */
  told: string;
}
export interface Paint {
  name: string;
  note: string | null;
  entries: Entry[];
  marks: ReadonlyMap<string, Mark>;
}
export interface Tongue {
  lang: Lang;
  say: Say<typeof own>;
}

/** A share or change by which cells are told apart: the bounds between classes. */
const RISKS = [0.05, 0.1, 0.15, 0.2];
export const CHANGES = [-0.2, -0.05, 0.05, 0.2];
export const TURNS = ["less2", "less1", "same", "more1", "more2"];
const KINDS = 6;

/** An amount short enough for a cell, in yuan: 119亿, 3.2万 / 11.9bn, 32k. */
export function shortMoney(fen: number, lang: Lang): string {
  const steps: [number, string][] = lang === "zh" ? [[1e10, "亿"], [1e6, "万"], [1e2, "元"]] : [[1e11, "bn"], [1e8, "m"], [1e5, "k"], [1e2, ""]];
  const [size, name] = steps.find(([least]) => Math.abs(fen) >= least) ?? steps.at(-1) ?? [1e2, ""];
  const scaled = Math.abs(fen) / size;
  const digits = scaled < 100 ? (Math.floor(scaled * 10) / 10).toString() : count(Math.floor(scaled));
  return `${fen < 0 ? "−" : ""}${digits}${name}`;
}

/** A change with its sign: +12%, −3%, 0%. */
export function signed(change: number, decimals = 0): string {
  const text = percent(Math.abs(change), decimals);
  return Number.parseFloat(text) === 0 ? text : `${change < 0 ? "−" : "+"}${text}`;
}

/** How `value` falls among ascending `bounds`: 0 below the first. */
export function classOf(value: number, bounds: readonly number[]): number {
  return bounds.filter((bound) => value >= bound).length;
}

/** The classes with how many cells each has; a class of `none` follows where some cell has no value. */
function finished(name: string, note: string | null, classes: Omit<Entry, "cells">[], marks: Map<string, Mark>, tongue: Tongue): Paint {
  const held = (at: number): number => [...marks.values()].filter((mark) => mark.entry === at).length;
  const entries = classes.map((one, at) => ({ ...one, cells: held(at) }));
  const without = held(entries.length);
  return { name, note, entries: without ? [...entries, { id: "none", tone: "none", text: tongue.say("no_value"), cells: without }] : entries, marks };
}

function byCount(map: ChainMap, tongue: Tongue): Paint {
  const steps = shadeSteps(Math.max(0, ...map.cells.map((cell) => cell.enterprises)));
  const marks = new Map(map.cells.map((cell) => [keyOf(cell), { entry: shadeOf(cell.enterprises, steps), short: shortCount(cell.enterprises, tongue.lang), told: "" }]));
  return finished(tongue.say("paint_count"), null, ranges(steps, count, 1), marks, tongue);
}

/** Classes from each lower bound to just under the next. */
function ranges(steps: readonly number[], tell: (value: number) => string, unit: number): Omit<Entry, "cells">[] {
  return steps.map((from, at) => {
    const next = steps[at + 1];
    const text = next === undefined ? `≥ ${tell(from)}` : next - unit === from ? tell(from) : `${tell(from)}–${tell(next - unit)}`;
    return { id: String(at), tone: `shade${at}`, text };
  });
}

function byAmount(map: ChainMap, { lang, say }: Tongue): Paint {
  const steps = shadeSteps(Math.max(0, ...map.cells.map((cell) => cell.amount_fen)) / 100).map((yuan, at) => (at ? yuan * 100 : 0));
  const marks = new Map(map.cells.map((cell) => [keyOf(cell), { entry: shadeOf(cell.amount_fen, steps), short: shortMoney(cell.amount_fen, lang), told: "" }]));
  const classes = steps.map((from, at) => {
    const next = steps[at + 1];
    const text = next === undefined ? `≥ ${shortMoney(from, lang)}` : at ? `${shortMoney(from, lang)}–${shortMoney(next, lang)}` : `< ${shortMoney(next, lang)}`;
    return { id: String(at), tone: `shade${at}`, text };
  });
  return finished(say("paint_amount"), null, classes, marks, { lang, say });
}

function byShare(map: ChainMap, tongue: Tongue): Paint {
  const { say } = tongue;
  const marks = new Map(map.cells.map((cell) => [keyOf(cell), valued(cell, RISKS, (value) => ({ short: percent(value), told: say("told_risk", { share: percent(value, 1), n: count(Math.round(value * (cell.of ?? 0))) }) }), tongue)]));
  const classes = Array.from({ length: SHADES }, (_, at) => ({ id: String(at), tone: `shade${at}`, text: between(RISKS, at, (share) => percent(share)) }));
  return finished(say("paint_risk"), map.scale?.note ?? null, classes, marks, tongue);
}

function byGrowth(map: ChainMap, tongue: Tongue): Paint {
  const { say } = tongue;
  const marks = new Map(map.cells.map((cell) => [keyOf(cell), valued(cell, CHANGES, (value) => ({ short: signed(value), told: say("told_growth", { change: signed(value, 1), n: count(cell.of ?? 0) }) }), tongue)]));
  return finished(say("paint_growth"), map.scale?.note ?? null, turns(), marks, tongue);
}

function valued(cell: Cell, bounds: readonly number[], told: (value: number) => Omit<Mark, "entry">, { say }: Tongue): Mark {
  if (cell.value === null || cell.value === undefined) return { entry: bounds.length + 1, short: MISSING, told: say("no_value") };
  return { entry: classOf(cell.value, bounds), ...told(cell.value) };
}

/** Class `at` of those that `bounds` part, in words. */
function between(bounds: readonly number[], at: number, tell: (bound: number) => string, dash = "–"): string {
  const from = bounds[at - 1];
  const to = bounds[at];
  if (from === undefined) return `< ${tell(to ?? 0)}`;
  return to === undefined ? `≥ ${tell(from)}` : `${tell(from)}${dash}${tell(to)}`;
}

/** Classes of a change: two of less, none to speak of, two of more. */
export function turns(): Omit<Entry, "cells">[] {
  return TURNS.map((tone, at) => ({ id: String(at), tone, text: at === 2 ? `±${percent(CHANGES[2] ?? 0)}` : between(CHANGES, at, (change) => signed(change), " ~ ") }));
}

function byRegion(map: ChainMap, tongue: Tongue): Paint {
  const { say } = tongue;
  const firms = new Map<string, { name: string; firms: number }>();
  for (const cell of map.cells) {
    if (!cell.category) continue;
    const one = firms.get(cell.category) ?? { name: cell.category_text ?? cell.category, firms: 0 };
    firms.set(cell.category, { ...one, firms: one.firms + cell.enterprises });
  }
  const ranked = [...firms].sort(([a, x], [b, y]) => y.firms - x.firms || a.localeCompare(b));
  const named = ranked.slice(0, KINDS);
  const rest = ranked.length > KINDS;
  const classes = named.map(([id, { name }], at) => ({ id, tone: `kind${at}`, text: name }));
  if (rest) classes.push({ id: "other", tone: "kindother", text: say("region_other", { n: ranked.length - KINDS }) });
  const entryOf = new Map(ranked.map(([id], at) => [id, Math.min(at, KINDS)]));
  const marks = new Map(
    map.cells.map((cell): [string, Mark] => {
      if (!cell.category) return [keyOf(cell), { entry: classes.length, short: MISSING, told: say("no_value") }];
      const name = cell.category_text ?? cell.category;
      return [keyOf(cell), { entry: entryOf.get(cell.category) ?? classes.length, short: name.replace(/(省|市|(壮族|回族|维吾尔)?自治区|特别行政区)$/, ""), told: say("told_region", { name, share: percent(cell.value) }) }];
    }),
  );
  return finished(say("paint_region"), map.scale?.note ?? null, classes, marks, tongue);
}

const BY = { count: byCount, amount: byAmount, risk: byShare, growth: byGrowth, region: byRegion } as const;

/** The classes of `color` and every cell's mark. The same map and language give the same paint. */
export function paint(map: ChainMap, color: Color, tongue: Tongue): Paint {
  return BY[color](map, tongue);
}
