// Moments as a Chinese page writes them: Beijing time, whatever clock the reader's machine keeps.
const BEIJING_MS = 8 * 3_600_000;

function beijing(moment: string): string {
  return new Date(Date.parse(moment) + BEIJING_MS).toISOString();
}

/** 2026-03-04. */
export function dayOf(moment: string): string {
  return beijing(moment).slice(0, 10);
}

/** 2026-03-04 18:22. */
export function minuteOf(moment: string): string {
  return beijing(moment).slice(0, 16).replace("T", " ");
}
