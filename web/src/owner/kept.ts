// The consent of this browser's reader before an application carries it to the bank: a deed, so never from an address.
import { year } from "./steps.ts";

export interface Kept {
  from: string;
  until: string;
}

const KEY = "dayan-consent";
const held = new Map<string, Kept>();

function all(): Record<string, Kept> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, Kept>;
  } catch {
    return {};
  }
}

function store(next: Record<string, Kept>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // A browser that stores nothing remembers it until the page is left.
  }
}

/** The consent given for a firm that holds today. */
export function consentOf(firm: string, now = new Date()): Kept | null {
  const found = held.get(firm) ?? all()[firm];
  return found && found.until >= year(now).from ? found : null;
}

export function agree(firm: string, now = new Date()): Kept {
  const given = year(now);
  held.set(firm, given);
  store({ ...all(), [firm]: given });
  return given;
}

export function takeBack(firm: string): void {
  held.delete(firm);
  const { [firm]: _, ...rest } = all();
  store(rest);
}
