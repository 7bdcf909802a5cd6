// The geometry of the industry map: a pure function from the API's answer to rectangles and curves.
// Columns are depths (upstream left), lanes are segments, bands are flows stacked at the cells' edges.
import type { Cell, CellPlace, Flow, IndustryMap, Segment } from "../api.ts";
import { wrapped } from "./fit.ts";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface PlacedCell extends Box {
  key: string;
  cell: Cell;
  step: number;
  row: number;
  column: number;
}
export interface Lane extends Box {
  segment: Segment;
  label: string[];
  labelX: number;
  labelY: number;
  enterprises: number;
}
export interface Column extends Box {
  depth: number;
  centre: number;
}
export interface Band {
  key: string;
  flow: Flow;
  path: string;
  width: number;
  back: boolean;
  rank: number;
}
export interface Picture {
  width: number;
  height: number;
  narrow: boolean;
  fontSize: number;
  top: number;
  lanes: Lane[];
  columns: Column[];
  cells: PlacedCell[];
  bands: Band[];
  /** Lower bound of each shade; the first one is 1. */
  steps: number[];
}

interface Measures {
  top: number;
  labelWidth: number;
  laneHeight: number;
  cellHeight: number;
  cellTop: number;
  pitch: number;
  cellMin: number;
  cellMax: number;
}

export const SHADES = 5;
export const NARROW_BELOW = 620;
const LABEL_SIZE = 11.5;
const MARKS_ROOM = 46;
const BAND_MAX = 13;
const BAND_MIN = 0.8;

export function keyOf(place: CellPlace): string {
  return `${place.segment}@${place.depth}`;
}

/** Bounds 1, 2, 5, 10, 20 … : the last `SHADES` that do not exceed the largest count, the first of them made 1. */
export function shadeSteps(largest: number): number[] {
  const series: number[] = [];
  for (let ten = 1; ten <= Math.max(1, largest); ten *= 10) series.push(...[ten, 2 * ten, 5 * ten].filter((bound) => bound <= Math.max(1, largest)));
  return [1, ...series.slice(1).slice(-(SHADES - 1))];
}

export function shadeOf(count: number, steps: number[]): number {
  return Math.max(0, steps.findLastIndex((bound) => count >= bound));
}

/** Segments from upstream down, ties in the order given; a segment only the cells name gets a lane too. */
function lanesInOrder(map: IndustryMap): Segment[] {
  const known = new Set(map.segments.map((segment) => segment.id));
  const strays = [...new Set(map.cells.map((cell) => cell.segment))].filter((id) => !known.has(id)).sort();
  const all = [...map.segments, ...strays.map((id) => ({ id, name: id, tier: 0, role: "", end: false }))];
  return all.map((segment, at) => ({ segment, at })).sort((a, b) => b.segment.tier - a.segment.tier || a.at - b.at).map(({ segment }) => segment);
}

function depthsInOrder(map: IndustryMap): number[] {
  return [...new Set([...map.depths, ...map.cells.map((cell) => cell.depth)])].sort((a, b) => b - a);
}

/** Many lanes are drawn lower, so that a whole chain is seen at once; by the data alone, not by the window. */
function measures(width: number, columns: number, lanes: number, narrow: boolean): Measures {
  if (narrow) {
    const pitch = Math.max(30, width / Math.max(1, columns));
    return { top: 38, labelWidth: 0, laneHeight: 46, cellHeight: 22, cellTop: 18, pitch, cellMin: Math.min(26, pitch - 6), cellMax: pitch - 6 };
  }
  const labelWidth = Math.round(Math.min(250, Math.max(150, width * 0.2)));
  const laneHeight = Math.min(34, Math.max(25, Math.round(530 / Math.max(1, lanes))));
  const pitch = Math.max(58, (width - labelWidth - 8) / Math.max(1, columns));
  return { top: 42, labelWidth, laneHeight, cellHeight: laneHeight - 7, cellTop: 3.5, pitch, cellMin: Math.min(36, pitch * 0.6), cellMax: Math.min(72, pitch * 0.68) };
}

function roomy(m: Measures, least: number): Measures {
  const cellMax = Math.max(m.cellMax, Math.min(least, m.pitch - 6));
  return { ...m, cellMin: Math.min(cellMax, Math.max(m.cellMin, least)), cellMax };
}

/** Room that a word in a cell takes, where cells say more than a count. */
export const WORDY = 54;

/** Lays the map out for a frame of `width` pixels. The same data and width give the same picture. `least`: no cell narrower, where columns allow it. */
export function layout(map: IndustryMap, width: number, least = 0): Picture {
  const narrow = width < NARROW_BELOW;
  const segments = lanesInOrder(map);
  const depths = depthsInOrder(map);
  const m = roomy(measures(width, depths.length, segments.length, narrow), least);
  const full = m.labelWidth + depths.length * m.pitch + (narrow ? 0 : 8);
  const height = m.top + segments.length * m.laneHeight + 6;
  const columns = depths.map((depth, at) => ({
    depth,
    x: m.labelWidth + at * m.pitch,
    y: 0,
    width: m.pitch,
    height,
    centre: m.labelWidth + (at + 0.5) * m.pitch,
  }));
  const lanes = segments.map((segment, row) => laneOf(segment, row, map, m, full));
  const steps = shadeSteps(Math.max(0, ...map.cells.map((cell) => cell.enterprises)));
  const cells = placeCells(map, segments, columns, m, steps);
  return { width: full, height, narrow, fontSize: narrow ? 11 : 12, top: m.top, lanes, columns, cells, bands: placeBands(map.flows, cells), steps };
}

function laneOf(segment: Segment, row: number, map: IndustryMap, m: Measures, width: number): Lane {
  const y = m.top + row * m.laneHeight;
  const room = (m.labelWidth || width) - (segment.end ? MARKS_ROOM : 14);
  const label = wrapped(segment.name, room, segment.end ? LABEL_SIZE * 1.1 : LABEL_SIZE, m.labelWidth ? 2 : 1);
  const enterprises = map.cells.reduce((sum, cell) => (cell.segment === segment.id ? sum + cell.enterprises : sum), 0);
  const middle = m.labelWidth ? y + m.laneHeight / 2 : y + 10;
  return { segment, label, labelX: m.labelWidth ? 8 : 2, labelY: middle, enterprises, x: 0, y, width, height: m.laneHeight };
}

function placeCells(map: IndustryMap, segments: Segment[], columns: Column[], m: Measures, steps: number[]): PlacedCell[] {
  const rows = new Map(segments.map((segment, row) => [segment.id, row]));
  const at = new Map(columns.map((column, index) => [column.depth, index]));
  const largest = Math.max(1, ...map.cells.map((cell) => cell.enterprises));
  return map.cells
    .map((cell): PlacedCell => {
      const row = rows.get(cell.segment) ?? 0;
      const column = at.get(cell.depth) ?? 0;
      const width = m.cellMin + (m.cellMax - m.cellMin) * Math.sqrt(cell.enterprises / largest);
      const x = (columns[column]?.centre ?? 0) - width / 2;
      const y = m.top + row * m.laneHeight + m.cellTop;
      return { key: keyOf(cell), cell, step: shadeOf(cell.enterprises, steps), row, column, x, y, width, height: m.cellHeight };
    })
    .sort((a, b) => a.row - b.row || a.column - b.column);
}

type Edge = "left" | "right";
interface End {
  cell: PlacedCell;
  edge: Edge;
}
interface Link {
  flow: Flow;
  from: End;
  to: End;
  back: boolean;
}

/** Where a flow leaves and enters: rightwards edge to edge; within a column it bends round the right. */
function ends(flow: Flow, from: PlacedCell, to: PlacedCell): Link {
  if (to.column > from.column) return { flow, from: { cell: from, edge: "right" }, to: { cell: to, edge: "left" }, back: false };
  if (to.column === from.column) return { flow, from: { cell: from, edge: "right" }, to: { cell: to, edge: "right" }, back: false };
  return { flow, from: { cell: from, edge: "left" }, to: { cell: to, edge: "right" }, back: true };
}

function placeBands(flows: Flow[], cells: PlacedCell[]): Band[] {
  const byKey = new Map(cells.map((cell) => [cell.key, cell]));
  const links = flows
    .flatMap((flow) => {
      const from = byKey.get(keyOf(flow.from));
      const to = byKey.get(keyOf(flow.to));
      return from && to && from !== to && flow.amount_fen > 0 ? [ends(flow, from, to)] : [];
    })
    .sort((a, b) => b.flow.amount_fen - a.flow.amount_fen || a.from.cell.row - b.from.cell.row || a.from.cell.column - b.from.cell.column || a.to.cell.row - b.to.cell.row || a.to.cell.column - b.to.cell.column);
  const ports = stack(links);
  return links.map((link, rank) => {
    const start = ports.offsets.get(`${rank}>`) ?? 0;
    const end = ports.offsets.get(`>${rank}`) ?? 0;
    const width = Math.max(BAND_MIN, link.flow.amount_fen * ports.scale);
    return { key: `${link.from.cell.key}>${link.to.cell.key}`, flow: link.flow, path: curve(link, start, end), width, back: link.back, rank };
  });
}

/** Stacks the bands at every cell edge, nearest lanes outermost, so that they neither cross nor overlap there. */
function stack(links: Link[]): { scale: number; offsets: Map<string, number> } {
  const ports = new Map<string, { cell: PlacedCell; other: PlacedCell; name: string; amount: number }[]>();
  links.forEach((link, rank) => {
    for (const [here, there, name] of [[link.from, link.to, `${rank}>`], [link.to, link.from, `>${rank}`]] as const) {
      const port = `${here.cell.key} ${here.edge}`;
      const line = ports.get(port) ?? [];
      line.push({ cell: here.cell, other: there.cell, name, amount: link.flow.amount_fen });
      ports.set(port, line);
    }
  });
  let scale = Infinity;
  for (const line of ports.values()) {
    const sum = line.reduce((total, { amount }) => total + amount, 0);
    scale = Math.min(scale, ((line[0]?.cell.height ?? 0) - 3) / sum, BAND_MAX / Math.max(...line.map(({ amount }) => amount)));
  }
  const offsets = new Map<string, number>();
  for (const line of ports.values()) {
    line.sort((a, b) => a.other.y - b.other.y || a.other.x - b.other.x);
    const sum = line.reduce((total, { amount }) => total + amount, 0) * scale;
    let y = (line[0]?.cell.y ?? 0) + ((line[0]?.cell.height ?? 0) - sum) / 2;
    for (const { name, amount } of line) {
      offsets.set(name, y + (amount * scale) / 2);
      y += amount * scale;
    }
  }
  return { scale: Number.isFinite(scale) ? scale : 0, offsets };
}

function curve({ from, to }: Link, y1: number, y2: number): string {
  const x1 = from.edge === "right" ? from.cell.x + from.cell.width : from.cell.x;
  const x2 = to.edge === "right" ? to.cell.x + to.cell.width : to.cell.x;
  const r = (value: number): string => String(Math.round(value * 10) / 10);
  if (from.cell.column === to.cell.column) {
    const bend = Math.max(x1, x2) + 10 + Math.min(14, Math.abs(y2 - y1) * 0.08);
    return `M${r(x1)},${r(y1)}C${r(bend)},${r(y1)} ${r(bend)},${r(y2)} ${r(x2)},${r(y2)}`;
  }
  const middle = (x1 + x2) / 2;
  return `M${r(x1)},${r(y1)}C${r(middle)},${r(y1)} ${r(middle)},${r(y2)} ${r(x2)},${r(y2)}`;
}

/** How many of the largest bands to draw: until `share` of the amount is shown, at most `most`. */
export function drawnBands(bands: Band[], share: number, most: number): { shown: number; share: number } {
  const sum = bands.reduce((total, band) => total + band.flow.amount_fen, 0);
  let shown = 0;
  let covered = 0;
  while (shown < bands.length && shown < most && covered < share * sum) covered += bands[shown++]?.flow.amount_fen ?? 0;
  return { shown, share: sum ? covered / sum : 0 };
}
