// Choosing several cells: which a frame touches, which lie between two, and what they add up to.
import type { Box, PlacedCell } from "./layout.ts";
import { keyOf } from "./layout.ts";
import type { ChainMap } from "./paint.ts";

/** The frame between two points, drawn either way. */
export function framed(ax: number, ay: number, bx: number, by: number): Box {
  return { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by) };
}

/** Keys of the cells that a frame touches. */
export function touched(cells: readonly PlacedCell[], frame: Box): string[] {
  return cells
    .filter((cell) => cell.x <= frame.x + frame.width && frame.x <= cell.x + cell.width && cell.y <= frame.y + frame.height && frame.y <= cell.y + cell.height)
    .map(({ key }) => key);
}

/** Keys of the cells in the block of rows and columns from one cell to another. */
export function blockOf(cells: readonly PlacedCell[], from: PlacedCell, to: PlacedCell): string[] {
  const within = (at: number, a: number, b: number): boolean => at >= Math.min(a, b) && at <= Math.max(a, b);
  return cells.filter((cell) => within(cell.row, from.row, to.row) && within(cell.column, from.column, to.column)).map(({ key }) => key);
}

/** A key in or out of a choice. */
export function toggled(chosen: readonly string[], key: string): string[] {
  return chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key];
}

export interface Sums {
  cells: number;
  enterprises: number;
  amount_fen: number;
  /** Trade among the chosen cells, into them from others, and out of them. */
  inside_fen: number;
  in_fen: number;
  out_fen: number;
}

/** What the chosen cells add up to; a key without a cell counts nothing. */
export function sums(map: ChainMap, chosen: readonly string[]): Sums {
  const held = new Set(chosen);
  const total: Sums = { cells: 0, enterprises: 0, amount_fen: 0, inside_fen: 0, in_fen: 0, out_fen: 0 };
  for (const cell of map.cells) {
    if (!held.has(keyOf(cell))) continue;
    total.cells += 1;
    total.enterprises += cell.enterprises;
    total.amount_fen += cell.amount_fen;
  }
  for (const flow of map.flows) {
    const from = held.has(keyOf(flow.from));
    const to = held.has(keyOf(flow.to));
    if (from && to) total.inside_fen += flow.amount_fen;
    else if (to) total.in_fen += flow.amount_fen;
    else if (from) total.out_fen += flow.amount_fen;
  }
  return total;
}
