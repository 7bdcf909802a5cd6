// Where an arrow key leads: to the neighbour that lies that way, the nearest to its direction.
import type { Line } from "./sift.ts";
import type { Spot } from "./tiers.ts";

export type Way = "left" | "right" | "up" | "down";

const TOWARDS: Record<Way, readonly [number, number]> = { left: [-1, 0], right: [1, 0], up: [0, 1], down: [0, -1] };

/** How far a spot lies off the way: distance, the more the more it lies aside; null where it lies behind. */
function cost(from: Spot, to: Spot, way: Way): number | null {
  const [wx, wy] = TOWARDS[way];
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = dx * wx + dy * wy;
  if (along <= 1e-9) return null;
  return Math.hypot(dx, dy) * (1 + 2 * Math.abs(dx * wy - dy * wx) / along);
}

/** The neighbour in that direction; where no neighbour lies there, up and down take any node. Null: stay. */
export function stepFrom(id: string, way: Way, spots: ReadonlyMap<string, Spot>, lines: readonly Line[]): string | null {
  const from = spots.get(id);
  if (!from) return null;
  const beside = new Set(lines.flatMap(({ source, target }) => (source === id ? [target] : target === id ? [source] : [])));
  const nearest = (ids: Iterable<string>): string | null => {
    let best: { id: string; cost: number } | null = null;
    for (const other of ids) {
      const to = spots.get(other);
      const far = to && other !== id ? cost(from, to, way) : null;
      if (far !== null && far !== undefined && (best === null || far < best.cost || (far === best.cost && other < best.id))) best = { id: other, cost: far };
    }
    return best?.id ?? null;
  };
  return nearest(beside) ?? (way === "up" || way === "down" ? nearest(spots.keys()) : null);
}
