// Tier columns: upstream left, order within a column chosen to cut crossings; the same graph gets the same places.
import type { Line, Shown } from "./sift.ts";

export interface Spot {
  x: number;
  y: number;
}
export interface Column {
  /** Level of the column; null: those that have none. */
  level: number | null;
  x: number;
  count: number;
}
export interface Laid {
  spots: Map<string, Spot>;
  columns: Column[];
}

const SWEEPS = 6;
/** A column of more than this is set in several files side by side. */
const TALLEST = 26;

/** Level in the chain, else the depth in whole steps: suppliers count up from the core enterprise, buyers down. */
function levelOf(node: Shown): number | null {
  return node.level ?? (node.depth === null ? null : Math.round(node.depth));
}

/** Levels of all: those without one (people, accounts, firms without a seat) stand with their neighbours;
 * partners whose seat the reader may not see, beside the firm that they supply or buy from. */
function levelsOf(nodes: readonly Shown[], lines: readonly Line[], beside: ReadonlyMap<string, string[]>): Map<string, number | null> {
  const levels = new Map(nodes.map((node) => [node.id, levelOf(node)] as const));
  const closed = new Set(nodes.flatMap(({ id, closed }) => (closed ? [id] : [])));
  for (const { source, target, kind } of closed.size ? lines : []) {
    if (kind !== "supply" || closed.has(source) === closed.has(target)) continue;
    const [far, near, step] = closed.has(source) ? [source, target, 1] : [target, source, -1];
    const level = levels.get(near) ?? null;
    if (level !== null && levels.get(far) === null) levels.set(far, level + step);
  }
  for (const node of nodes) {
    if (levels.get(node.id) !== null) continue;
    const near = (beside.get(node.id) ?? []).map((id) => nodes.length && levels.get(id)).filter((level): level is number => typeof level === "number").sort((a, b) => a - b);
    if (near.length) levels.set(node.id, near[near.length >> 1] ?? null);
  }
  return levels;
}

function neighbours(lines: readonly Line[]): Map<string, string[]> {
  const beside = new Map<string, string[]>();
  const put = (a: string, b: string): void => {
    const held = beside.get(a);
    if (held) held.push(b);
    else beside.set(a, [b]);
  };
  for (const { source, target } of lines) {
    put(source, target);
    put(target, source);
  }
  return beside;
}

/** Orders each column by where its neighbours stand, back and forth. Ties keep size, then id. */
function ordered(columns: string[][], beside: ReadonlyMap<string, string[]>): void {
  const rank = new Map<string, number>();
  const number = (column: string[]): void => column.forEach((id, at) => rank.set(id, (at + 0.5) / column.length));
  columns.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const column of sweep % 2 ? [...columns].reverse() : columns) {
      const inside = new Set(column);
      const mean = new Map<string, number>();
      for (const id of column) {
        const near = (beside.get(id) ?? []).filter((other) => !inside.has(other));
        mean.set(id, near.length ? near.reduce((sum, other) => sum + (rank.get(other) ?? 0.5), 0) / near.length : (rank.get(id) ?? 0.5));
      }
      column.sort((a, b) => (mean.get(a) as number) - (mean.get(b) as number) || (rank.get(a) as number) - (rank.get(b) as number));
      number(column);
    }
  }
}

/** Places nodes in columns; `tall`: for a window higher than wide. Units are those of the picture, y upward. */
export function tiers(nodes: readonly Shown[], lines: readonly Line[], tall = false): Laid {
  const beside = neighbours(lines);
  const levels = levelsOf(nodes, lines, beside);
  const byLevel = new Map<number | null, string[]>();
  for (const node of [...nodes].sort((a, b) => b.sales_fen - a.sales_fen || (a.id < b.id ? -1 : 1))) {
    const level = levels.get(node.id) ?? null;
    const held = byLevel.get(level);
    if (held) held.push(node.id);
    else byLevel.set(level, [node.id]);
  }
  // Upstream left: the highest level first; those without any stand at the right end.
  const keys = [...byLevel.keys()].sort((a, b) => (a === null ? 1 : b === null ? -1 : b - a));
  const columns = keys.map((key) => byLevel.get(key) as string[]);
  ordered(columns, beside);

  const rows = Math.max(6, Math.min(Math.max(...columns.map((column) => column.length), 1), Math.max(TALLEST, Math.ceil(Math.sqrt(nodes.length * (tall ? 2 : 1.1))))));
  const files = columns.map((column) => Math.max(1, Math.ceil(column.length / rows)));
  const GAP = 1.6; // between columns, in files
  const width = files.reduce((sum, n) => sum + (n - 1), 0) + GAP * Math.max(columns.length - 1, 0);
  const height = rows;
  const scale = width > 0 ? (height * (tall ? 0.6 : 2)) / width : 1;
  const spots = new Map<string, Spot>();
  const told: Column[] = [];
  let x = 0;
  columns.forEach((column, at) => {
    const across = files[at] as number;
    const down = Math.ceil(column.length / across);
    column.forEach((id, place) => {
      const file = place % across;
      const row = Math.floor(place / across);
      // Files stand a little lower one by one, so that names do not run into each other.
      const y = ((row + 0.5 + (across > 1 ? file / across - 0.5 : 0)) / down - 0.5) * Math.min(height, Math.max(down * 1.6, height * 0.5));
      spots.set(id, { x: (x + file) * scale, y: -y });
    });
    told.push({ level: keys[at] ?? null, x: (x + (across - 1) / 2) * scale, count: column.length });
    x += across - 1 + GAP;
  });
  return { spots, columns: told };
}

/** Pairs of lines that cross between neighbouring columns; small pictures only (tests). */
export function crossings(laid: Laid, lines: readonly Line[]): number {
  let crossed = 0;
  const ends = lines.flatMap(({ source, target }) => {
    const [a, b] = [laid.spots.get(source), laid.spots.get(target)];
    return a && b && a.x !== b.x ? [a.x < b.x ? ([a, b] as const) : ([b, a] as const)] : [];
  });
  for (let i = 0; i < ends.length; i++)
    for (let j = i + 1; j < ends.length; j++) {
      const [[a, b], [c, d]] = [ends[i] as readonly [Spot, Spot], ends[j] as readonly [Spot, Spot]];
      if (a.x === c.x && b.x === d.x && (a.y - c.y) * (b.y - d.y) < 0) crossed += 1;
    }
  return crossed;
}
