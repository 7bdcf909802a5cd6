// Which names stand in the picture, and where: the important first, beside their dots, and none over another.
import type { Spot } from "./tiers.ts";

export interface Wanted extends Spot {
  id: string;
  /** Pixels of the dot. */
  r: number;
  text: string;
  /** The greater stands first. */
  weight: number;
}
/** A name in its place: `x` is its left end, `y` its base line. */
export interface Placed extends Spot {
  id: string;
  text: string;
}
interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const LETTERS = 7;
/** Names of this weight and more keep off no dots. */
export const FOREMOST = 500;

function meet(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
export function shortened(text: string): string {
  return text.length > LETTERS + 1 ? `${text.slice(0, LETTERS)}…` : text;
}

/** Right of the dot, else left of it, above, below; then the same with fewer letters; then nowhere: pointing at the dot tells it. */
export function placed(wanted: readonly Wanted[], taken: readonly Box[], dots: readonly { x: number; y: number; r: number }[], size: number, room: { width: number; narrow: boolean }, wide: (text: string) => number): Placed[] {
  const boxes = [...taken];
  const found: Placed[] = [];
  const discs = dots.map(({ x, y, r }) => ({ left: x - r, top: y - r, right: x + r, bottom: y + r, r }));
  for (const one of [...wanted].sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1))) {
    // A name may lie over dots much smaller than its own; that of a core enterprise over any.
    const others = one.weight >= FOREMOST ? [] : discs.filter((box) => box.r >= 0.7 * one.r && !(box.left <= one.x && one.x <= box.right && box.top <= one.y && one.y <= box.bottom));
    for (const text of room.narrow ? [shortened(one.text)] : [...new Set([one.text, shortened(one.text)])]) {
      const w = wide(text);
      const spots: Spot[] = [
        { x: one.x + one.r + 4, y: one.y + size / 3 },
        { x: one.x - one.r - 4 - w, y: one.y + size / 3 },
        { x: one.x - w / 2, y: one.y - one.r - 5 },
        { x: one.x - w / 2, y: one.y + one.r + size + 2 },
      ];
      const spot = spots.find(({ x, y }) => {
        const box = boxAt(x, y, w, size);
        return x >= 2 && x + w <= room.width && !boxes.some((other) => meet(box, other)) && !others.some((other) => meet(box, other));
      });
      if (!spot) continue;
      boxes.push(boxAt(spot.x, spot.y, w, size));
      found.push({ id: one.id, text, ...spot });
      break;
    }
  }
  return found;
}

export function boxAt(x: number, y: number, w: number, size: number): Box {
  return { left: x - 2, top: y - size, right: x + w + 2, bottom: y + size / 3 };
}
