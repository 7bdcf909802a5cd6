// How much room a picture takes in its window, and whether things move in it.
import { NARROW } from "./letters.ts";
import type { Picture } from "./picture.ts";

/** Pixels that the name of a firm takes. */
const NAME = 170;

/** Room for a name beside the last column, as a share of what is left for the dots. */
function nameRoom(width: number): number {
  const name = width < NARROW.width ? NAME / 2 : NAME;
  return name / Math.max(width - name, 1);
}

/** All the dots, and room at the right for the names of the last column. */
export function roomFor({ dots }: Picture, width: number): { x: [number, number]; y: [number, number] } {
  const [xs, ys] = [dots.map(({ x }) => x), dots.map(({ y }) => y)];
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const wide = Math.max(right - left, 1);
  const high_ = Math.max(high - low, 1);
  return dots.length ? { x: [left - 0.02 * wide, right + (dots.length <= 60 ? Math.min(0.5, nameRoom(width)) : 0.04) * wide], y: [low - 0.02 * high_, high + 0.02 * high_] } : { x: [0, 1], y: [0, 1] };
}

/** Whether the reader asked for less movement. */
export function calm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
