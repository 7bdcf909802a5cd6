// The picture before it is drawn: places, sizes and colours of nodes and lines, from tokens.
import { token } from "../parts/chart.tsx";
import { type Shape, shapeOf } from "./shapes.ts";
import type { Line, Shown, Sifted } from "./sift.ts";
import type { Spot } from "./tiers.ts";
import type { Kind, View } from "./view.ts";

export interface Dot extends Spot {
  id: string;
  size: number;
  color: string;
  shape: Shape;
  label: string;
  /** Its name is drawn whatever stands beside it. */
  named: boolean;
}
export interface Stroke {
  id: string;
  source: string;
  target: string;
  size: number;
  color: string;
  /** A suggestion of the model: dashed, and lighter. */
  unsure: boolean;
}
export interface Picture {
  dots: Dot[];
  strokes: Stroke[];
  ink: Ink;
}

/** Colours of the page as they are now, light or dark. */
export interface Ink {
  ground: string;
  paper: string;
  ink: string;
  quiet: string;
  line: string;
  focus: string;
  dot: string;
  font: string;
  of: (name: string) => string;
}

/** The token that paints a kind of link. */
export const LINK_TOKEN: Record<Kind, string> = { supply: "band", ownership: "accent", guarantee: "negative", person: "good-ink", account: "warn-ink", other: "edge" };
/** The token that paints a kind of node. */
export const NODE_TOKEN: Record<Shown["kind"] | "core" | "hub", string> = { enterprise: "shade3", core: "mark", hub: "quiet", person: "good-ink", account: "warn-ink", other: "edge", group: "accent" };

export function inkNow(): Ink {
  const held = new Map<string, string>();
  const of = (name: string): string => {
    const known = held.get(name) ?? token(name);
    held.set(name, known);
    return known;
  };
  return { ground: of("ground"), paper: of("paper"), ink: of("ink"), quiet: of("quiet"), line: of("line"), focus: of("focus"), dot: of("shade3"), font: of("font"), of };
}

export function nodeToken(node: Shown): string {
  return NODE_TOKEN[node.core ? "core" : node.hub ? "hub" : node.kind];
}

/** Marks before the name; persons and accounts have shapes of their own. */
export function labelOf(node: Shown): string {
  const mark = node.core ? "★ " : node.hub ? "◎ " : node.kind === "group" ? "▣ " : "";
  return mark + node.name;
}

/** A colour mixed towards the ground; one that is let through already, still less. */
export function faded(color: string, ground: string, keep: number): string {
  const veil = /^rgba\((\d+,\d+,\d+),([\d.]+)\)$/.exec(color);
  if (veil) return `rgba(${veil[1]},${Math.round(Number(veil[2]) * keep * 100) / 100})`;
  const part = (hex: string, at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  if (!/^#[0-9a-f]{6}$/i.test(color) || !/^#[0-9a-f]{6}$/i.test(ground)) return color;
  const mixed = [1, 3, 5].map((at) => Math.round(part(color, at) * keep + part(ground, at) * (1 - keep)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

const FADE = 0.7;

/** A colour let through, so that many thin lines over each other still show where they thicken. */
function veiled(hex: string, alpha: number): string {
  if (!/^#[0-9a-f]{6}$/i.test(hex)) return hex;
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${r},${g},${b},${Math.round(alpha * 100) / 100})`;
}

function sizer(values: readonly number[], least: number, most: number): (value: number) => number {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  return (value) => (value <= 0 || !(high > low) ? least : least + ((Math.log10(value) - low) / (high - low)) * (most - least));
}

export function pictureOf(sifted: Sifted, spots: ReadonlyMap<string, Spot>, pins: View["pins"]): Picture {
  const ink = inkNow();
  const many = sifted.nodes.length;
  const [least, most] = many <= 60 ? [5, 13] : many <= 400 ? [3, 9] : [1.8, 6];
  const sizeOf = sizer(sifted.nodes.map(({ sales_fen }) => sales_fen), least, most);
  const dots = sifted.nodes.map((node): Dot => {
    const pin = pins[node.id];
    const spot = pin ? { x: pin[0], y: pin[1] } : (spots.get(node.id) ?? { x: 0, y: 0 });
    const size = node.kind === "group" ? most * 1.3 : node.kind === "enterprise" ? sizeOf(node.sales_fen) : Math.max(least, many <= 400 ? 7 : 4);
    return { id: node.id, ...spot, size, color: ink.of(nodeToken(node)), shape: shapeOf(node), label: labelOf(node), named: many <= 60 || node.kind === "group" || (node.core && many <= 400) };
  });
  const dense = sifted.lines.length > 1500;
  const widthOf = sizer(sifted.lines.map(({ amount_fen }) => amount_fen ?? 0), dense ? 0.4 : 0.8, dense ? 2.2 : 4.5);
  const strokes = sifted.lines.map((line): Stroke => strokeOf(line, ink, widthOf(line.amount_fen ?? 0), dense));
  // Thin lines first: the large ones lie on top.
  return { dots, strokes: strokes.sort((a, b) => a.size - b.size || (a.id < b.id ? -1 : 1)), ink };
}

function strokeOf(line: Line, ink: Ink, size: number, dense: boolean): Stroke {
  const base = ink.of(LINK_TOKEN[line.kind]);
  const unsure = line.basis === "inferred";
  const color = unsure ? faded(base, ink.ground, FADE) : dense && line.kind === "supply" ? veiled(base, 0.1 + Math.min(0.6, (size * size) / 8)) : base;
  return { id: line.id, source: line.source, target: line.target, size: unsure ? 1.5 : line.kind === "supply" ? size : Math.max(1.2, dense ? 1 : 1.6), color, unsure };
}
