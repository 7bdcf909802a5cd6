// Files that leave the page: what the server wrote, the picture as SVG, the picture as PNG.
import { failure } from "../api.ts";

/** Hands a file to the browser under a name. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Fetches a file in the reader's language, which a plain link cannot ask for. Throws `Failure`. */
export async function download(url: string, lang: string, otherwise: string): Promise<void> {
  const response = await fetch(url, { headers: { "Accept-Language": lang }, credentials: "same-origin" });
  if (!response.ok) throw await failure(response);
  const told = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  save(await response.blob(), told ?? otherwise);
}

export function saveSvg(svg: string, name: string): void {
  save(new Blob([svg], { type: "image/svg+xml;charset=utf-8" }), name);
}

const PIXELS = 2;

/** Draws the SVG on a canvas, two pixels to one, and hands it over. */
export async function savePng(svg: string, width: number, height: number, name: string): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * PIXELS);
  canvas.height = Math.round(height * PIXELS);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const file = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!file) throw new Error("no picture");
  save(file, name);
}
