// The state of the page is its address: what a permalink holds, read and written in one place.
import { useSyncExternalStore } from "react";
import type { Side } from "./api.ts";

export interface Place {
  page: "chains" | "map" | "missing";
  chain?: string | undefined;
  segment?: string | undefined;
  depth?: number | undefined;
  unplaced?: boolean | undefined;
  enterprise?: string | undefined;
  side?: Side | undefined;
  partner?: string | undefined;
  view?: "table" | undefined;
  lang?: string | undefined;
}

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
  const state = {
    segment: query.get("segment") ?? undefined,
    depth: depth !== null && /^-?\d+$/.test(depth) ? Number(depth) : undefined,
    unplaced: query.get("unplaced") === "1" || undefined,
    enterprise: query.get("enterprise") ?? undefined,
    side: side === "suppliers" || side === "customers" ? (side as Side) : undefined,
    partner: query.get("partner") ?? undefined,
    view: query.get("view") === "table" ? ("table" as const) : undefined,
    lang: query.get("lang") ?? undefined,
  };
  if (!first) return { page: "chains", ...state };
  const chain = first === "map" && second && rest.every((part) => !part) ? decoded(second) : null;
  if (chain !== null) return { page: "map", chain, ...state };
  return { page: "missing", lang: state.lang };
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
  put("lang", place.lang);
  const path = place.page === "map" && place.chain !== undefined ? `/map/${encodeURIComponent(place.chain)}` : "/";
  const text = query.toString();
  return text ? `${path}?${text}` : path;
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
