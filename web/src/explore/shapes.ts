// Shapes of nodes, and dashes of links: each kind of node has its own, so that colour is not alone in saying it; the same on screen, in files and in the legend.
import type { Shown } from "./sift.ts";

/** Pixels of one dash and the gap after it, and of the dash alone. */
export const DASH = { period: 8, drawn: 5 };

export const SHAPES = ["disc", "ring", "person", "diamond", "square"] as const;
export type Shape = (typeof SHAPES)[number];

export function shapeOf(node: Pick<Shown, "kind" | "hub" | "core">): Shape {
  if (node.kind === "group") return "square";
  if (node.kind === "person") return "person";
  if (node.kind === "account") return "diamond";
  return node.hub && !node.core ? "ring" : "disc";
}

function circle(x: number, y: number, r: number, inward = false): string {
  const sweep = inward ? 0 : 1;
  return `M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 1 ${sweep} ${n(2 * r)} 0a${n(r)} ${n(r)} 0 1 ${sweep} ${n(-2 * r)} 0z`;
}
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** The outline of a shape as the path of an SVG. */
export function outline(shape: Shape, x: number, y: number, r: number): string {
  if (shape === "ring") return circle(x, y, 0.98 * r) + circle(x, y, 0.46 * r, true);
  if (shape === "person") return `${circle(x, y - 0.52 * r, 0.44 * r)}M${n(x - 0.82 * r)} ${n(y + 0.9 * r)}a${n(0.82 * r)} ${n(0.82 * r)} 0 0 1 ${n(1.64 * r)} 0z`;
  if (shape === "diamond") return `M${n(x)} ${n(y - r)}L${n(x + r)} ${n(y)}L${n(x)} ${n(y + r)}L${n(x - r)} ${n(y)}z`;
  if (shape === "square") return `M${n(x - 0.85 * r)} ${n(y - 0.85 * r)}h${n(1.7 * r)}v${n(1.7 * r)}h${n(-1.7 * r)}z`;
  return circle(x, y, r);
}
