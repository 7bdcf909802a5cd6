// How sigma writes names over the picture, and colours that let through what lies below.
import type { NodeHoverDrawingFunction } from "sigma/rendering";
import type { Ink } from "./picture.ts";

/** In a narrow window names are cut short; the panel and the table tell them whole. */
export const NARROW = { width: 600 };

/** A name with a rim of the ground, so that lines under it do not strike it through. */
export function write(context: CanvasRenderingContext2D, text: string, x: number, y: number, { ground, ink }: Ink): void {
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = ground;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

export function hoverWith(ink: () => Ink): NodeHoverDrawingFunction {
  return (context, data, settings) => {
    const { paper, focus, ink: color } = ink();
    context.beginPath();
    context.arc(data.x, data.y, data.size + 3, 0, Math.PI * 2);
    context.lineWidth = 2;
    context.strokeStyle = focus;
    context.stroke();
    if (!data.label) return;
    context.font = `600 ${settings.labelSize}px ${settings.labelFont}`;
    const [x, y] = [data.x + data.size + 6, data.y + settings.labelSize / 3];
    context.fillStyle = paper;
    context.fillRect(x - 3, data.y - settings.labelSize / 2 - 3, context.measureText(data.label).width + 6, settings.labelSize + 6);
    context.fillStyle = color;
    context.fillText(data.label, x, y);
  };
}

/** WebGL's blending takes colours multiplied by what they let through. */
export function multiplied(data: Record<string, unknown>): Record<string, unknown> {
  const color = String(data["color"]);
  if (!color.startsWith("rgba")) return data;
  const known = products.get(color) ?? product(color);
  products.set(color, known);
  return { ...data, color: known };
}
const products = new Map<string, string>();
function product(color: string): string {
  const [r = 0, g = 0, b = 0, alpha = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return `rgba(${[r, g, b].map((part) => Math.round(part * alpha)).join()},${alpha})`;
}
