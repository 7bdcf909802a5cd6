// The state of the page is its address: what a permalink holds, read and written in one place.
import { useSyncExternalStore } from "react";
import type { Side } from "./api.ts";

/** Pages with one address each; `map`, `enterprise` and `document` name what they show. */
export const PAGES = ["home", "chains", "explore", "documents", "reviews", "lists", "owner", "sign-in"] as const;
/** Pages of one thing: the first part of the address, and what the second part is. */
const OF_ONE = { map: "chain", enterprise: "id", document: "id" } as const;

export interface Place {
  page: (typeof PAGES)[number] | keyof typeof OF_ONE | "missing";
  /** Id of the enterprise or document that the page is about. */
  id?: string | undefined;
  chain?: string | undefined;
  segment?: string | undefined;
  depth?: number | undefined;
  unplaced?: boolean | undefined;
  enterprise?: string | undefined;
  side?: Side | undefined;
  partner?: string | undefined;
  view?: "table" | undefined;
  /** What else the page keeps in its address, by name; each page reads its own. */
  more?: Readonly<Record<string, string>> | undefined;
  lang?: string | undefined;
}

const KNOWN = new Set(["segment", "depth", "unplaced", "enterprise", "side", "partner", "view", "lang"]);

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Reads an address. Values that make no sense are dropped, never an error. */
export function parse(pathname: string, search: string): Place {
  const query = new URLSearchParams(search);
  const [, first, second, ...rest] = pathname.split("/");
  const side = query.get("side");
  const depth = query.get("depth");
  const more = Object.fromEntries([...query].filter(([key]) => !KNOWN.has(key)));
  const state = {
    segment: query.get("segment") ?? undefined,
    depth: depth !== null && /^-?\d+$/.test(depth) ? Number(depth) : undefined,
    unplaced: query.get("unplaced") === "1" || undefined,
    enterprise: query.get("enterprise") ?? undefined,
    side: side === "suppliers" || side === "customers" ? (side as Side) : undefined,
    partner: query.get("partner") ?? undefined,
    view: query.get("view") === "table" ? ("table" as const) : undefined,
    more: Object.keys(more).length ? more : undefined,
    lang: query.get("lang") ?? undefined,
  };
  if (!first) return { page: "home", ...state };
  const plain = PAGES.find((page) => page === first && page !== "home");
  if (plain && !second) return { page: plain, ...state };
  const one = second && rest.every((part) => !part) ? decoded(second) : null;
  if (one !== null && first in OF_ONE) {
    const page = first as keyof typeof OF_ONE;
    return { page, [OF_ONE[page]]: one, ...state };
  }
  return { page: "missing", lang: state.lang };
}

function pathOf(place: Place): string {
  if (place.page === "home" || place.page === "missing") return "/";
  if (!(place.page in OF_ONE)) return `/${place.page}`;
  const one = place[OF_ONE[place.page as keyof typeof OF_ONE]];
  return one === undefined ? "/" : `/${place.page}/${encodeURIComponent(one)}`;
}

/** Writes an address; the inverse of `parse` for every place that has a page. */
export function href(place: Place): string {
  const query = new URLSearchParams();
  const put = (key: string, value: string | number | undefined): void => {
    if (value !== undefined) query.set(key, String(value));
  };
  put("segment", place.segment);
  put("depth", place.depth);
  put("unplaced", place.unplaced ? 1 : undefined);
  put("enterprise", place.enterprise);
  put("side", place.side);
  put("partner", place.partner);
  put("view", place.view);
  for (const [key, value] of Object.entries(place.more ?? {})) put(key, value);
  put("lang", place.lang);
  const text = query.toString();
  return text ? `${pathOf(place)}?${text}` : pathOf(place);
}

/** The same place with some of `more` changed; `null` takes a name out. */
export function withMore(place: Place, change: Readonly<Record<string, string | number | boolean | null | undefined>>): Place {
  const more: Record<string, string> = { ...place.more };
  for (const [key, value] of Object.entries(change)) {
    if (value === null || value === undefined || value === "" || value === false) delete more[key];
    else more[key] = value === true ? "1" : String(value);
  }
  return { ...place, more: Object.keys(more).length ? more : undefined };
}

const MOVED = "dayan:moved";

/** Goes to a place; `replace` leaves no step for the back button. */
export function go(place: Place, replace = false): void {
  const target = href(place);
  if (target === location.pathname + location.search) return;
  if (replace) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  dispatchEvent(new Event(MOVED));
}

function watch(changed: () => void): () => void {
  addEventListener("popstate", changed);
  addEventListener(MOVED, changed);
  return () => {
    removeEventListener("popstate", changed);
    removeEventListener(MOVED, changed);
  };
}

/** The place the address bar stands at. */
export function usePlace(): Place {
  const url = useSyncExternalStore(watch, () => location.pathname + location.search);
  const [pathname = "/", search = ""] = url.split("?");
  return parse(pathname, search);
}
