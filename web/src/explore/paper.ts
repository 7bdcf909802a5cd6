// The very same view as a file: SVG, or PNG by the same strokes on a canvas.
import type { Seen } from "./draw.ts";
import type { Ink } from "./picture.ts";

const LABEL = 12;

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** `foot`: the data cut-off and what the picture is of. Attributes only: no style sheet is needed to read it. */
export function svgOf(seen: Seen, ink: Ink, foot: string): string {
  const lines = seen.strokes.map((one) => `<line x1="${n(one.x1)}" y1="${n(one.y1)}" x2="${n(one.x2)}" y2="${n(one.y2)}" stroke="${one.color}" stroke-width="${n(one.width)}"${one.unsure ? ' stroke-dasharray="4 3"' : ""}/>`);
  const dots = seen.dots.map((one) => `<circle cx="${n(one.x)}" cy="${n(one.y)}" r="${n(one.r)}" fill="${one.color}"${one.lit ? ` stroke="${ink.focus}" stroke-width="2"` : ""}/>`);
  const names = seen.dots.filter(({ named }) => named).map((one) => `<text x="${n(one.x + one.r + 4)}" y="${n(one.y + LABEL / 3)}" fill="${ink.ink}">${escaped(one.label)}</text>`);
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
    pen.setLineDash(one.unsure ? [4, 3] : []);
    pen.moveTo(one.x1, one.y1);
    pen.lineTo(one.x2, one.y2);
    pen.strokeStyle = one.color;
    pen.lineWidth = one.width;
    pen.stroke();
  }
  pen.setLineDash([]);
  for (const one of seen.dots) {
    pen.beginPath();
    pen.arc(one.x, one.y, one.r, 0, Math.PI * 2);
    pen.fillStyle = one.color;
    pen.fill();
    if (!one.lit) continue;
    pen.strokeStyle = ink.focus;
    pen.lineWidth = 2;
    pen.stroke();
  }
  pen.font = `${LABEL}px ${ink.font}`;
  pen.fillStyle = ink.ink;
  for (const one of seen.dots) if (one.named) pen.fillText(one.label, one.x + one.r + 4, one.y + LABEL / 3);
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
