// Fitting a label into a width without asking the browser: Chinese signs are one em wide, Latin ones about half.

/** Estimated width of `text` in pixels at a font size. */
export function widthOf(text: string, size: number): number {
  let ems = 0;
  for (const sign of text) ems += sign.codePointAt(0)! > 0x2e7f ? 1 : /[A-Z@%&mwMW]/.test(sign) ? 0.72 : /[iljt.,:;'|() ]/.test(sign) ? 0.32 : 0.55;
  return ems * size;
}

/** `text` cut to `room` pixels, with an ellipsis where something is missing. */
export function cut(text: string, room: number, size: number): string {
  if (widthOf(text, size) <= room) return text;
  let kept = "";
  for (const sign of text) {
    if (widthOf(`${kept}${sign}…`, size) > room) break;
    kept += sign;
  }
  return `${kept.trimEnd()}…`;
}

/** `text` on at most `lines` lines of `room` pixels; breaks at spaces, Chinese anywhere. */
export function wrapped(text: string, room: number, size: number, lines: number): string[] {
  const pieces = text.match(/[⺀-鿿＀-￯]|\S+?(?=[⺀-鿿])|\S+|\s+/gu) ?? [];
  const out: string[] = [];
  let line = "";
  for (const [at, piece] of pieces.entries()) {
    if (widthOf(line + piece, size) <= room || !line) {
      line += piece;
      continue;
    }
    if (out.length === lines - 1) return [...out, cut(line + pieces.slice(at).join(""), room, size)];
    out.push(cut(line.trim(), room, size));
    line = piece.trimStart();
  }
  return [...out, cut(line.trim(), room, size)];
}
