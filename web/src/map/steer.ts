// Moving between cells by arrow keys: the nearest cell in a direction, straight ones first.
import type { PlacedCell } from "./layout.ts";

const STEP: Record<string, readonly [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};
const ASIDE = 3;

/** The cell that `key` leads to from `from`; null when the key steers nothing or nothing lies there. */
export function steer(cells: PlacedCell[], from: PlacedCell, key: string): PlacedCell | null {
  if (key === "Home") return cells[0] ?? null;
  if (key === "End") return cells.at(-1) ?? null;
  const step = STEP[key];
  if (!step) return null;
  let best: PlacedCell | null = null;
  let least = Infinity;
  for (const cell of cells) {
    const across = cell.column - from.column;
    const down = cell.row - from.row;
    const ahead = across * step[0] + down * step[1];
    const aside = Math.abs(across * step[1]) + Math.abs(down * step[0]);
    if (ahead > 0 && ahead + ASIDE * aside < least) {
      least = ahead + ASIDE * aside;
      best = cell;
    }
  }
  return best;
}
