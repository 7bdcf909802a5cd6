// The map as a file of its own: one text, made from the answer alone, so that equal questions give equal bytes.
// Colours are those of the light appearance, read from the tokens; size does not follow the window.
import css from "../style/tokens.css?raw";
import { cut, widthOf } from "./fit.ts";
import { type Band, layout, type Picture } from "./layout.ts";
import type { ChainMap, Paint } from "./paint.ts";
import { lineBetween, pointsOf, type Stop } from "./trail.ts";

export const WIDTH = 1200;
const EDGE = 24;
const FONT = "system-ui, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Zen Hei', sans-serif";

/** Tokens of the light appearance: the first block. */
const TOKENS = new Map([...(/:root \{([^}]*)\}/.exec(css)?.[1] ?? "").matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name = "", value = ""]) => [name, value]));
function token(name: string): string {
  return TOKENS.get(name) ?? "#000000";
}

export interface Told {
  title: string;
  /** Cut-off, snapshot, months: what it was drawn from. */
  lines: readonly string[];
  synthetic: string | null;
  segment: string;
  upstream: string;
  downstream: string;
  axis: string;
  bands: string;
}
export interface Sheet {
  map: ChainMap;
  paint: Paint;
  /** As in `layout`. */
  least: number;
  /** Bands to draw of a picture, largest first. */
  bandsOf: (picture: Picture) => readonly Band[];
  away: ReadonlySet<string>;
  picked: readonly string[];
  stops: readonly Stop[];
  shrunk: ReadonlySet<string> | null;
  told: Told;
}

function safe(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign);
}
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}
function text(x: number, y: number, said: string, more = ""): string {
  return `<text x="${n(x)}" y="${n(y)}"${more}>${safe(said)}</text>`;
}

/** Ink over a tone: its own token, else plain ink. */
function over(tone: string): string {
  return token(TOKENS.has(`on-${tone}`) ? `on-${tone}` : tone.startsWith("kind") ? "on-kind" : "ink");
}
function ground(tone: string): string {
  return tone === "none" ? token("paper") : token(tone);
}

function heading(sheet: Sheet): string {
  const { told } = sheet;
  const mark = told.synthetic ? `<tspan dx="12" font-size="12" font-weight="400" fill="${token("warn-ink")}">${safe(told.synthetic)}</tspan>` : "";
  return [`<text x="${EDGE}" y="38" font-size="20" font-weight="650">${safe(told.title)}${mark}</text>`, ...told.lines.map((line, at) => text(EDGE, 60 + at * 16, line, ` font-size="12" fill="${token("quiet")}"`))].join("");
}

/** The classes in one row, wrapped; and how high it became. */
function legend(sheet: Sheet, top: number): { drawn: string; height: number } {
  const { paint, told } = sheet;
  let x = EDGE + widthOf(paint.name, 12) + 16;
  let y = top;
  const parts = [text(EDGE, y + 14, paint.name, ` font-size="12"`)];
  for (const entry of paint.entries) {
    const width = widthOf(entry.text, 11.5) + 16;
    if (x + width > WIDTH - EDGE) [x, y] = [EDGE, y + 24];
    parts.push(`<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="19" rx="2" fill="${ground(entry.tone)}" stroke="${token("line")}"/>`, text(x + width / 2, y + 13.5, entry.text, ` font-size="11.5" text-anchor="middle" fill="${over(entry.tone)}"`));
    x += width + 3;
  }
  parts.push(text(EDGE, y + 40, told.bands, ` font-size="12" fill="${token("quiet")}"`));
  if (paint.note) parts.push(text(EDGE, y + 57, paint.note, ` font-size="12" fill="${token("quiet")}"`));
  return { drawn: parts.join(""), height: y - top + (paint.note ? 66 : 48) };
}

function frame(picture: Picture, told: Told): string {
  const line = `stroke="${token("line")}"`;
  const end = picture.columns.find((column) => column.depth === 0);
  const first = picture.columns[0];
  return [
    end ? `<rect x="${n(end.x)}" y="0" width="${n(end.width)}" height="${n(picture.height)}" fill="${token("accent-soft")}" fill-opacity="0.55"/>` : "",
    ...picture.columns.slice(1).map((column) => `<line x1="${n(column.x)}" x2="${n(column.x)}" y1="${picture.top}" y2="${n(picture.height)}" ${line} stroke-dasharray="1 4"/>`),
    ...picture.columns.map((column) => text(column.centre, picture.top - 12, String(column.depth).replace("-", "−"), ` text-anchor="middle" font-weight="650"`)),
    ...picture.lanes.map((lane) => `<line x1="0" x2="${n(lane.width)}" y1="${n(lane.y)}" y2="${n(lane.y)}" ${line}/>`),
    first ? text(first.x + 6, 13, `← ${told.upstream}`, ` font-size="11" fill="${token("quiet")}"`) : "",
    text(picture.width - 2, 13, `${told.downstream} →`, ` font-size="11" text-anchor="end" fill="${token("quiet")}"`),
    text(8, picture.top - 12, told.segment, ` font-size="11" fill="${token("quiet")}"`),
  ].join("");
}

function bands(sheet: Sheet, picture: Picture): string {
  const colour = (key: string): string => token(sheet.shrunk ? (sheet.shrunk.has(key) ? "less2" : "more2") : "band");
  return [...sheet.bandsOf(picture)]
    .sort((a, b) => b.rank - a.rank)
    .map((band) => `<path d="${band.path}" fill="none" stroke="${colour(band.key)}" stroke-opacity="0.5" stroke-width="${n(band.width)}"${band.back ? ` stroke-dasharray="4 3"` : ""}/>`)
    .join("");
}

function labels(sheet: Sheet, picture: Picture): string {
  const cores = new Set(sheet.map.cores.map((core) => core.segment));
  const x = (picture.columns[0]?.x ?? 0) - 6;
  return picture.lanes
    .map((lane) => {
      const lift = (lane.label.length - 1) * 5.75;
      const fill = lane.enterprises ? token("ink") : token("quiet");
      const lines = lane.label.map((line, at) => `<tspan x="${n(lane.labelX)}" y="${n(lane.labelY + 4 - lift + at * 11.5)}">${safe(line)}</tspan>`).join("");
      const marks = `${lane.segment.end ? "◆" : ""}${cores.has(lane.segment.id) ? "★" : ""}`;
      return `<text font-size="11.5" fill="${fill}"${lane.segment.end ? ` font-weight="650"` : ""}>${lines}</text>${marks ? text(x, lane.labelY + 4, marks, ` text-anchor="end" fill="${token("mark")}"`) : ""}`;
    })
    .join("");
}

function cells(sheet: Sheet, picture: Picture): string {
  return picture.cells
    .map(({ key, x, y, width, height }) => {
      const mark = sheet.paint.marks.get(key);
      const tone = sheet.paint.entries[mark?.entry ?? 0]?.tone ?? "none";
      const ring = sheet.picked.includes(key) ? `<rect x="${n(x - 3)}" y="${n(y - 3)}" width="${n(width + 6)}" height="${n(height + 6)}" rx="5" fill="none" stroke="${token("ink")}" stroke-width="2"/>` : "";
      const dash = tone === "none" ? ` stroke-dasharray="3 2"` : "";
      const tile = `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="2.5" fill="${ground(tone)}" stroke="${token(tone === "none" ? "edge" : "cell-edge")}"${dash}/>`;
      const said = text(x + width / 2, y + height / 2 + 4, cut(mark?.short ?? "", width - 2, 11.5), ` text-anchor="middle" font-size="11.5" font-weight="600" fill="${over(tone)}"`);
      return `<g${sheet.away.has(key) ? ` opacity="0.22"` : ""}>${ring}${tile}${said}</g>`;
    })
    .join("");
}

function trailLines(sheet: Sheet, picture: Picture): string {
  const points = pointsOf(picture, sheet.stops);
  const line = `fill="none" stroke="${token("focus")}" stroke-width="2.5" marker-end="url(#arrow)"`;
  return points.slice(1).map((to, at) => `<path d="${lineBetween(points[at] ?? to, to)}" ${line}${to.at > (points[at]?.at ?? to.at) + 1 ? ` stroke-dasharray="5 4"` : ""}/>`).join("");
}

function trailStops(sheet: Sheet, picture: Picture): string {
  return pointsOf(picture, sheet.stops)
    .map((point) => `<circle cx="${n(point.x)}" cy="${n(point.y)}" r="8" fill="${token("paper")}" stroke="${token("focus")}" stroke-width="2"/>${text(point.x, point.y + 3.6, String(point.at + 1), ` font-size="10" font-weight="650" text-anchor="middle"`)}${point.at === 0 || point.at === sheet.stops.length - 1 ? text(point.x + point.name, point.y + 4, cut(point.stop.name, 120, 11), ` font-size="11" font-weight="650"${point.at ? "" : ` text-anchor="end"`} stroke="${token("paper")}" stroke-width="3" paint-order="stroke"`) : ""}`)
    .join("");
}

/** The sheet as SVG with its size. The same sheet gives the same text. */
export function svgOf(sheet: Sheet): { svg: string; width: number; height: number } {
  const picture = layout(sheet.map, WIDTH - 2 * EDGE, sheet.least);
  const head = 60 + sheet.told.lines.length * 16;
  const key = legend(sheet, head);
  const top = head + key.height;
  const height = Math.ceil(top + picture.height + 34);
  const width = Math.ceil(Math.max(WIDTH, picture.width + 2 * EDGE));
  const arrow = `<defs><marker id="arrow" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0,0L8,4L0,8z" fill="${token("focus")}"/></marker></defs>`;
  const inside = frame(picture, sheet.told) + bands(sheet, picture) + labels(sheet, picture) + trailLines(sheet, picture) + cells(sheet, picture) + trailStops(sheet, picture);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="12" fill="${token("ink")}"><title>${safe(sheet.told.title)}</title>${arrow}<rect width="${width}" height="${height}" fill="${token("paper")}"/>${heading(sheet)}${key.drawn}<g transform="translate(${EDGE} ${n(top)})">${inside}</g>${text(EDGE, height - 12, sheet.told.axis, ` fill="${token("quiet")}"`)}</svg>\n`;
  return { svg, width, height };
}
