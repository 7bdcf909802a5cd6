// The very same view as a file: SVG, or PNG by the same strokes on a canvas.
import type { Seen } from "./draw.ts";
import { write } from "./letters.ts";
import type { Ink } from "./picture.ts";
import { DASH, outline } from "./shapes.ts";

const LABEL = 12;
const DASHES = [DASH.drawn, DASH.period - DASH.drawn];

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** `foot`: the data cut-off and what the picture is of. Attributes only: no style sheet is needed to read it. */
export function svgOf(seen: Seen, ink: Ink, foot: string): string {
  const lines = seen.strokes.map((one) => `<line x1="${n(one.x1)}" y1="${n(one.y1)}" x2="${n(one.x2)}" y2="${n(one.y2)}" stroke="${one.color}" stroke-width="${n(one.width)}"${one.unsure ? ` stroke-dasharray="${DASHES.join(" ")}"` : ""}/>`);
  const dots = seen.dots.map((one) => {
    const paint = `fill="${one.color}"${one.lit ? ` stroke="${ink.focus}" stroke-width="2"` : ""}/>`;
    return one.shape === "disc" ? `<circle cx="${n(one.x)}" cy="${n(one.y)}" r="${n(one.r)}" ${paint}` : `<path class="node" d="${outline(one.shape, one.x, one.y, one.r)}" ${paint}`;
  });
  const names = seen.names.map((one) => `<text class="name" x="${n(one.x)}" y="${n(one.y)}" fill="${ink.ink}" stroke="${ink.ground}" stroke-width="3" stroke-linejoin="round" paint-order="stroke">${escaped(one.text)}</text>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${seen.width}" height="${seen.height}" viewBox="0 0 ${seen.width} ${seen.height}" font-family="${escaped(ink.font)}" font-size="${LABEL}">`,
    `<rect width="100%" height="100%" fill="${ink.ground}"/>`,
    ...lines,
    ...dots,
    ...names,
    `<text x="8" y="${seen.height - 8}" fill="${ink.quiet}">${escaped(foot)}</text>`,
    "</svg>",
  ].join("\n");
}

export function paint(seen: Seen, ink: Ink, foot: string, scale = 2): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = seen.width * scale;
  canvas.height = seen.height * scale;
  const pen = canvas.getContext("2d");
  if (!pen) return canvas;
  pen.scale(scale, scale);
  pen.fillStyle = ink.ground;
  pen.fillRect(0, 0, seen.width, seen.height);
  for (const one of seen.strokes) {
    pen.beginPath();
    pen.setLineDash(one.unsure ? DASHES : []);
    pen.moveTo(one.x1, one.y1);
    pen.lineTo(one.x2, one.y2);
    pen.strokeStyle = one.color;
    pen.lineWidth = one.width;
    pen.stroke();
  }
  pen.setLineDash([]);
  for (const one of seen.dots) {
    const path = new Path2D(outline(one.shape, one.x, one.y, one.r));
    pen.fillStyle = one.color;
    pen.fill(path);
    if (!one.lit) continue;
    pen.strokeStyle = ink.focus;
    pen.lineWidth = 2;
    pen.stroke(path);
  }
  pen.font = `${LABEL}px ${ink.font}`;
  for (const one of seen.names) write(pen, one.text, one.x, one.y, ink);
  pen.fillStyle = ink.quiet;
  pen.fillText(foot, 8, seen.height - 8);
  return canvas;
}

/** Hands a file to the reader. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
