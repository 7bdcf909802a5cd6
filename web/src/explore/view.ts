// What the explorer shows, as one value: it goes into the address, a saved view, and the list of undos.
import type { Schema } from "../asking.ts";
import { type Place, withMore } from "../route.ts";

export type Node = Schema<"GraphNode">;
export type Edge = Schema<"GraphEdge">;
export type Kind = Edge["kind"];
export const KINDS = ["supply", "ownership", "guarantee", "person", "account", "other"] as const satisfies readonly Kind[];
export const LAYOUTS = ["tiers", "free"] as const;
export const BASES = ["observed", "both", "inferred"] as const;
export const GROUPS = ["none", "segment", "region", "chain"] as const;

export interface View {
  ids: readonly string[];
  /** Where the reader put a node, by id. */
  pins: Readonly<Record<string, readonly [number, number]>>;
  layout: (typeof LAYOUTS)[number];
  kinds: readonly Kind[];
  basis: (typeof BASES)[number];
  /** Links with an amount below this are not drawn. */
  least: number;
  /** Months, both ends within; null is open. */
  since: string | null;
  until: string | null;
  chain: string | null;
  region: string | null;
  group: (typeof GROUPS)[number];
  /** Groups that are drawn as one node. */
  folded: readonly string[];
}

export const EMPTY: View = { ids: [], pins: {}, layout: "tiers", kinds: KINDS, basis: "observed", least: 0, since: null, until: null, chain: null, region: null, group: "none", folded: [] };

/** More ids than this make an address too long to hand on; a saved view carries them. */
export const IN_ADDRESS = 60;
/** As many as the server opens at once. */
export const MOST = 2000;
/** As many as may be compared with each other. */
export const CHOSEN_MOST = 10;

const ID = /^[0-9a-f]{16}$/;
const MONTH = /^20\d\d-(0[1-9]|1[0-2])$/;

function oneOf<T extends string>(all: readonly T[], value: unknown, otherwise: T): T {
  return all.includes(value as T) ? (value as T) : otherwise;
}
function listed(text: string | undefined): string[] {
  return text ? text.split(/[.,]/) : [];
}
function ids(values: readonly unknown[]): string[] {
  return [...new Set(values.filter((value): value is string => typeof value === "string" && ID.test(value)))].slice(0, MOST);
}
function month(value: unknown): string | null {
  return typeof value === "string" && MONTH.test(value) ? value : null;
}
function text(value: unknown, shape: RegExp): string | null {
  return typeof value === "string" && shape.test(value) ? value : null;
}

/** Reads a view from loose values, of an address or of a saved state: what makes no sense is left out. */
export function viewOf(given: Readonly<Record<string, unknown>>): View {
  const kinds = Array.isArray(given["kinds"]) ? KINDS.filter((kind) => (given["kinds"] as unknown[]).includes(kind)) : KINDS;
  const least = Number(given["least"] ?? 0);
  const pins = Object.entries((given["pins"] ?? {}) as Record<string, unknown>).filter(([, at]) => Array.isArray(at) && at.length === 2 && at.every((one) => Number.isFinite(one)));
  return {
    ids: ids(Array.isArray(given["ids"]) ? given["ids"] : []),
    pins: Object.fromEntries(pins) as View["pins"],
    layout: oneOf(LAYOUTS, given["layout"], "tiers"),
    kinds: kinds.length ? kinds : KINDS,
    basis: oneOf(BASES, given["basis"], "observed"),
    least: Number.isSafeInteger(least) && least > 0 ? least : 0,
    since: month(given["since"]),
    until: month(given["until"]),
    chain: text(given["in_chain"], /^[a-z0-9-]{1,60}$/),
    region: text(given["region"], /^\d{2,6}$/),
    group: oneOf(GROUPS, given["group"], "none"),
    folded: Array.isArray(given["folded"]) ? given["folded"].filter((one): one is string => typeof one === "string").slice(0, 200) : [],
  };
}

/** The view that an address carries itself. */
export function viewAt(place: Place): View {
  const more = place.more ?? {};
  const kinds = more["kinds"];
  return viewOf({ ...more, ids: listed(more["nodes"]), kinds: kinds === undefined ? undefined : listed(kinds), folded: listed(more["folded"]) });
}

/** A view as a saved one keeps it. */
export function stateOf(view: View): Record<string, unknown> {
  const { chain, ...rest } = view;
  return { ...rest, in_chain: chain };
}

/** Where the ids of a view come from, as names of the address. */
export type Origin = Readonly<Record<string, string>>;

/** Whether what is drawn goes into the address whole. */
export function fits(view: View): boolean {
  return view.ids.length <= IN_ADDRESS;
}

/**
 * The place that shows this view. Where the ids are too many, the address carries where they came from
 * (`origin`: `view_id`, `chain` and `top`, or `held`, what this tab keeps) and the rest of the view.
 */
export function placeOf(place: Place, view: View, origin: Origin = {}): Place {
  return withMore(place, {
    ...{ nodes: null, view_id: null, from: null, chain: null, top: null, held: null },
    ...(fits(view) ? { nodes: view.ids.join(".") } : origin),
    layout: view.layout === "tiers" ? null : view.layout,
    kinds: view.kinds.length === KINDS.length ? null : view.kinds.join("."),
    basis: view.basis === "observed" ? null : view.basis,
    least: view.least || null,
    since: view.since,
    until: view.until,
    in_chain: view.chain,
    region: view.region,
    group: view.group === "none" ? null : view.group,
    folded: view.folded.join("."),
  });
}

/** What is chosen, of the address. */
export function chosenAt(place: Place): string[] {
  return listed(place.more?.["chosen"]).slice(0, CHOSEN_MOST);
}

/** How many conditions narrow the view. */
export function narrowed(view: View): number {
  return [view.kinds.length < KINDS.length, view.basis !== "observed", view.least > 0, view.since ?? view.until, view.chain, view.region].filter(Boolean).length;
}

export function withIds(view: View, more: readonly string[]): View {
  return { ...view, ids: [...new Set([...view.ids, ...more])].slice(0, MOST) };
}

export function without(view: View, gone: ReadonlySet<string>): View {
  return { ...view, ids: view.ids.filter((id) => !gone.has(id)), pins: Object.fromEntries(Object.entries(view.pins).filter(([id]) => !gone.has(id))) };
}
