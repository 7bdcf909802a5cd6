// The state of the explorer: one view with its undos, kept in step with the address, and the graph behind it.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Failure } from "../api.ts";
import { useAsked } from "../answer.ts";
import { asked, get, post, type Schema } from "../asking.ts";
import { go, parse, type Place, withMore } from "../route.ts";
import { useSettings } from "../settings.ts";
import { begun, type Past, redone, replaced, stepped, undone } from "./past.ts";
import { EMPTY, fits, KINDS, MOST, type Origin, placeOf, type View, viewAt, viewOf, withIds } from "./view.ts";

export type Piece = Schema<"Opened">;

const PAGE = 1000;
const FIRST = 20;

/** The place the address bar stands at now: deeds that come late must not undo what came between. */
export function here(): Place {
  return parse(location.pathname, location.search);
}

/** What of an address decides which view is shown; a change that the page did not make itself opens another. */
function originOf(place: Place): string {
  const { nodes, view_id, from, chain, top, held } = place.more ?? {};
  return JSON.stringify({ nodes, view_id, from, chain, top, held });
}

async function largestOf(chain: string, top: number, lang: string): Promise<string[]> {
  const pages = Array.from({ length: Math.ceil(top / PAGE) }, (_, at) => asked(get("/v1/lists/screen", { query: { chain: [chain], sort: "sales_fen", descending: true, limit: Math.min(PAGE, top - at * PAGE), offset: at * PAGE } }), lang));
  return (await Promise.all(pages)).flatMap(({ items }) => items.map(({ id }) => id));
}

interface Found {
  view: View;
  saved: Schema<"View"> | null;
  origin: Origin;
}

const HELD = "dayan:explore:";

/** Too many ids for an address, and not saved: this tab keeps them, so that reloading and going back work. */
function hold(ids: readonly string[]): Origin {
  const text = ids.join(".");
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  const held = (hash >>> 0).toString(36);
  try {
    sessionStorage.setItem(HELD + held, text);
  } catch {
    // A tab that stores nothing still shows the picture; only reloading it starts anew.
  }
  return { held };
}
function heldIds(held: string): string[] {
  try {
    return (sessionStorage.getItem(HELD + held) ?? "").split(".").filter((id) => /^[0-9a-f]{16}$/.test(id));
  } catch {
    return [];
  }
}

/** The view that an address names, wherever it has to be fetched from. */
async function opened(place: Place, lang: string): Promise<Found> {
  const more = place.more ?? {};
  const at = viewAt(place);
  if (more["nodes"]) return { view: at, saved: null, origin: {} };
  if (more["held"]) return { view: withIds(at, heldIds(more["held"])), saved: null, origin: { held: more["held"] } };
  if (more["view_id"]) {
    const { view: saved } = await asked(get("/v1/views/{view}", { path: { view: more["view_id"] } }), lang);
    const state = viewOf(saved.state as Record<string, unknown>);
    return { view: { ...state, ...changedIn(place, at) }, saved, origin: { view_id: saved.id } };
  }
  if (more["from"]) {
    const piece = await asked(post("/v1/graph/expand", { body: { enterprises: [more["from"]], side: "both", kinds: ["supply"], limit: FIRST } }), lang);
    return { view: withIds(at, piece.nodes.map(({ id }) => id)), saved: null, origin: { from: more["from"] } };
  }
  const top = Math.min(MOST, Math.max(1, Number(more["top"] ?? 200) || 200));
  if (more["chain"]) return { view: withIds(at, await largestOf(more["chain"], top, lang)), saved: null, origin: { chain: more["chain"], top: String(top) } };
  return { view: at, saved: null, origin: {} };
}

/** What an address says beside a saved view wins over what was saved. */
function changedIn(place: Place, at: View): Partial<View> {
  const more = place.more ?? {};
  const said: Partial<View> = {};
  for (const key of ["layout", "kinds", "basis", "least", "since", "until", "region", "group", "folded"] as const) if (more[key] !== undefined) Object.assign(said, { [key]: at[key] });
  if (more["in_chain"] !== undefined) said.chain = at.chain;
  return said;
}

export interface Explorer {
  view: View;
  /** A step that can be undone. */
  change: (next: (view: View) => View) => void;
  /** The same without a step: what a slider passes on its way. */
  slide: (next: (view: View) => View) => void;
  undo: (() => void) | null;
  redo: (() => void) | null;
  /** The saved view this came from. */
  saved: Schema<"View"> | null;
  keep: (saved: Schema<"View">, as: View) => void;
  piece: Piece | null;
  busy: boolean;
  failure: Failure | null;
  again: () => void;
}

export function useExplorer(place: Place): Explorer {
  const { lang } = useSettings();
  const [past, setPast] = useState<Past<View>>(() => begun(place.more?.["nodes"] ? viewAt(place) : EMPTY));
  const [saved, setSaved] = useState<{ of: Schema<"View">; as: View } | null>(null);
  const [opening, setOpening] = useState<{ busy: boolean; failure: Failure | null }>({ busy: false, failure: null });
  const [attempt, setAttempt] = useState(0);
  const source = useRef<{ ids: readonly string[]; origin: Origin }>({ ids: [], origin: {} });
  const written = useRef<string | null>(null);
  const ready = useRef(false);
  const origin = originOf(place);

  useEffect(() => {
    if (origin === written.current) return;
    written.current = origin;
    ready.current = false;
    let late = false;
    setOpening({ busy: true, failure: null });
    opened(here(), lang).then(
      (found) => {
        if (late) return;
        ready.current = true;
        source.current = { ids: found.view.ids, origin: found.origin };
        setPast(begun(found.view));
        setSaved(found.saved && { of: found.saved, as: found.view });
        setOpening({ busy: false, failure: null });
      },
      (error: unknown) => {
        if (!late) setOpening({ busy: false, failure: error instanceof Failure ? error : new Failure(0, String(error), "unexpected") });
      },
    );
    return () => {
      late = true;
      // Left before it was there (React may run an effect twice): the next run opens it again.
      if (!ready.current) written.current = null;
    };
  }, [origin, lang, attempt]);

  const view = past.now;
  useEffect(() => {
    if (!ready.current) return;
    // A saved view that was not changed keeps its short address.
    const kept = saved !== null && view === saved.as;
    const origin = fits(view) ? {} : source.current.ids === view.ids ? source.current.origin : hold(view.ids);
    const next = kept ? withMore(placeOf(here(), EMPTY), { view_id: saved.of.id }) : placeOf(here(), view, origin);
    written.current = originOf(next);
    go(next, true);
  }, [view, saved]);

  const change = useCallback((next: (view: View) => View) => setPast((now) => stepped(now, next(now.now))), []);
  const slide = useCallback((next: (view: View) => View) => setPast((now) => replaced(now, next(now.now))), []);
  const keep = useCallback((kept: Schema<"View">, as: View) => {
    source.current = { ids: as.ids, origin: { view_id: kept.id } };
    setSaved({ of: kept, as });
  }, []);
  const graph = usePiece(view.ids);
  return {
    view,
    change,
    slide,
    undo: past.before.length ? () => setPast(undone) : null,
    redo: past.after.length ? () => setPast(redone) : null,
    saved: saved?.of ?? null,
    keep,
    piece: view.ids.length ? graph.piece : null,
    busy: opening.busy || graph.busy,
    failure: opening.failure ?? graph.failure,
    again: () => {
      written.current = null;
      setAttempt((n) => n + 1);
      graph.again();
    },
  };
}

/** The nodes by id and all links among them. Nodes taken out need no new answer; the last one stays while a new one comes. */
function usePiece(ids: readonly string[]): { piece: Piece | null; busy: boolean; failure: Failure | null; again: () => void } {
  const [last, setLast] = useState<Piece | null>(null);
  const { lang } = useSettings();
  const [lastLang, setLastLang] = useState(lang);
  const known = useMemo(() => new Set([...(last?.nodes.map(({ id }) => id) ?? []), ...(last?.missing ?? []), ...Object.keys(last?.moved ?? {})]), [last]);
  const needed = ids.length > 0 && (lastLang !== lang || !ids.every((id) => known.has(id)));
  const answer = useAsked(needed ? post("/v1/graph/nodes", { body: { ids: [...ids], edges: true, kinds: [...KINDS], basis: "both" } }) : null);
  useEffect(() => {
    if (!answer.data) return;
    setLast(answer.data);
    setLastLang(lang);
  }, [answer.data, lang]);
  const whole = answer.data ?? last;
  const piece = useMemo(() => whole && only(whole, ids), [whole, ids]);
  return { piece, busy: needed && !answer.data && !answer.failure, failure: answer.failure ?? null, again: answer.again };
}

function only(piece: Piece, ids: readonly string[]): Piece {
  const wanted = new Set(ids.map((id) => piece.moved[id] ?? id));
  const nodes = piece.nodes.filter(({ id }) => wanted.has(id));
  if (nodes.length === piece.nodes.length) return piece;
  return { ...piece, nodes, edges: piece.edges.filter(({ source, target }) => wanted.has(source) && wanted.has(target)) };
}
