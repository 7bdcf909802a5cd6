// The consent of this browser's reader before an application carries it to the bank: a deed, so never from an address.
import type { Schema } from "../asking.ts";
import { beijingDay } from "./steps.ts";

/** What was agreed to, as an application says it: the version of the text that was shown, its scope, and the days. */
export type Kept = Schema<"ConsentGiven">;

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

/** The consent given for a firm that holds today; one that does not say to which text is none. */
export function consentOf(firm: string, now = new Date()): Kept | null {
  const found = held.get(firm) ?? all()[firm];
  return found?.text && found.until >= beijingDay(now) ? found : null;
}

/** Keeps that the text that was shown was agreed to. */
export function agree(firm: string, shown: Schema<"ConsentText">): Kept {
  const { version, scope, purpose, given_on, until } = shown;
  const given: Kept = { text: version, scope: [...scope], purpose, given_on, until };
  held.set(firm, given);
  store({ ...all(), [firm]: given });
  return given;
}

export function takeBack(firm: string): void {
  held.delete(firm);
  const { [firm]: _, ...rest } = all();
  store(rest);
}
