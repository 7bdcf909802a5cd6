// Two dates as one map: cells by what they are after, coloured by the change; bands by what flows changed.
import type { Schema } from "../asking.ts";
import { count } from "../format.ts";
import { keyOf } from "./layout.ts";
import { type ChainMap, CHANGES, classOf, type Mark, type Paint, shortMoney, signed, type Tongue, turns } from "./paint.ts";

export type Compared = Schema<"MapCompared">;
type Cell = Compared["cells"][number];
export type Measure = "count" | "amount";

/** The map's frame with the cells of both dates; a band is as wide as what its flow changed by. */
export function ofTwoDates(map: ChainMap, compared: Compared): ChainMap {
  const cells = compared.cells.map((cell) => ({ segment: cell.segment, depth: cell.depth, enterprises: cell.enterprises_after, amount_fen: cell.amount_after_fen, inferred: 0, of: 0 }));
  const flows = compared.flows.map((flow) => ({ from: flow.from, to: flow.to, amount_fen: Math.abs(flow.amount_after_fen - flow.amount_before_fen), links: Math.abs(flow.links_after - flow.links_before) }));
  const depths = [...new Set([...map.depths, ...cells.map((cell) => cell.depth)])].sort((a, b) => b - a);
  return { ...map, cells, flows: flows.filter((flow) => flow.amount_fen > 0), depths };
}

/** The map as it is at the later date: what sums are made of. */
export function later(map: ChainMap, compared: Compared): ChainMap {
  const flows = compared.flows.map((flow) => ({ from: flow.from, to: flow.to, amount_fen: flow.amount_after_fen, links: flow.links_after }));
  return { ...ofTwoDates(map, compared), flows };
}

/** Keys of bands that carry less than before. */
export function shrunk(compared: Compared): ReadonlySet<string> {
  return new Set(compared.flows.filter((flow) => flow.amount_after_fen < flow.amount_before_fen).map((flow) => `${keyOf(flow.from)}>${keyOf(flow.to)}`));
}

export function sides(cell: Cell, measure: Measure): [number, number] {
  return measure === "count" ? [cell.enterprises_before, cell.enterprises_after] : [cell.amount_before_fen, cell.amount_after_fen];
}

/** The change as a share of before; null where there was nothing before. */
export function changeOf(cell: Cell, measure: Measure): number | null {
  const [before, after] = sides(cell, measure);
  return before > 0 ? after / before - 1 : null;
}

function mark(cell: Cell, measure: Measure, { lang, say }: Tongue): Mark {
  const [before, after] = sides(cell, measure);
  const change = changeOf(cell, measure);
  const tell = (value: number): string => (measure === "count" ? count(value) : shortMoney(value, lang));
  const entry = change !== null ? classOf(change, CHANGES) : after > 0 ? 4 : 2;
  const difference = `${after < before ? "−" : after > before ? "+" : ""}${tell(Math.abs(after - before))}`;
  const short = measure === "count" ? difference : change === null ? (after > 0 ? say("fresh") : "0") : signed(change);
  return { entry, short, told: say(change === null ? "told_fresh" : "told_change", { before: tell(before), after: tell(after), difference, change: change === null ? "" : signed(change, 1) }) };
}

/** Classes of change and each cell's mark. */
export function paintChange(compared: Compared, measure: Measure, tongue: Tongue): Paint {
  const marks = new Map(compared.cells.map((cell) => [keyOf(cell), mark(cell, measure, tongue)]));
  const entries = turns().map((one, at) => ({ ...one, cells: [...marks.values()].filter(({ entry }) => entry === at).length }));
  return { name: tongue.say(measure === "count" ? "paint_change_count" : "paint_change_amount"), note: compared.note, entries, marks };
}
