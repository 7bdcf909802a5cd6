// From the graph behind a view to its picture: sifted, laid out, coloured; months are read after the first picture.
import { useEffect, useMemo, useState } from "react";
import { asked, post, type Schema } from "../asking.ts";
import { useSettings } from "../settings.ts";
import type { Explorer } from "./explorer.ts";
import { type Picture, pictureOf } from "./picture.ts";
import { type ByMonth, type Called, sift, type Sifted } from "./sift.ts";
import type { Timeline } from "./slider.tsx";
import { type Column, type Spot, tiers } from "./tiers.ts";
import { type Edge, KINDS, type View } from "./view.ts";

const AT_ONCE = 5000;
const NO_MONTHS: Months = { time: null, by: new Map() };

export interface Months {
  time: Timeline | null;
  by: ByMonth;
}

/** Supply links month by month, asked for by thousands; nothing before `ready`. */
export function useMonths(edges: readonly Edge[] | undefined, ready: boolean): Months {
  const { lang } = useSettings();
  const [months, setMonths] = useState<Months>(NO_MONTHS);
  const ids = useMemo(() => (edges ?? []).filter(({ type }) => type === "SUPPLIES").map(({ id }) => id), [edges]);
  useEffect(() => {
    if (!ready) return;
    if (!ids.length) {
      setMonths(NO_MONTHS);
      return;
    }
    const stop = new AbortController();
    const parts = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, at) => ids.slice(at * AT_ONCE, (at + 1) * AT_ONCE));
    Promise.all(parts.map((part) => asked(post("/v1/graph/months", { body: { edges: part, each: true } }), lang, { signal: stop.signal }))).then(
      (answers) => setMonths(joined(answers)),
      () => undefined, // without months the slider is not shown; the picture stands
    );
    return () => stop.abort();
  }, [ids, ready]); // months have no language
  return months;
}

function joined(answers: readonly Schema<"EdgesByMonth">[]): Months {
  const months = answers[0]?.months ?? [];
  const amount_fen = months.map((_, at) => answers.reduce((sum, one) => sum + (one.amount_fen[at] ?? 0), 0));
  return { time: { months, amount_fen }, by: new Map(answers.flatMap(({ each }) => (each ?? []).map((one) => [one.edge, one] as const))) };
}

export interface LaidOut {
  sifted: Sifted;
  picture: Picture;
  columns: readonly Column[];
  /** Changes with what stands where: the camera then takes in everything again. */
  fitKey: string;
  /** Whether the free layout is still being worked out. */
  laying: boolean;
}

const NONE: readonly Column[] = [];

/** Only what changes where nodes stand: sliders and thresholds leave them in their places. */
function placesKey(view: View, sifted: Sifted): string {
  return `${view.layout} ${view.chain} ${view.region} ${view.group} ${view.folded.join()} ${sifted.nodes.map(({ id }) => id).join()}`;
}

export function useLaid(explorer: Explorer, months: Months, tall: boolean, look: string, called: Called): LaidOut | null {
  const { view, piece } = explorer;
  // Months matter to what is drawn only where the view is narrowed to some: their coming alone draws nothing anew.
  const { by, time } = view.since !== null || view.until !== null ? months : NO_MONTHS;
  const sifted = useMemo(() => piece && sift(view, piece.nodes, piece.edges, by, time?.months ?? [], called), [view, piece, by, time, called]);
  const key = sifted ? placesKey(view, sifted) : "";
  // The columns follow all links of the view, whatever the slider lets through.
  const base = useMemo(() => {
    if (!sifted || !piece) return null;
    const open = sift({ ...view, since: null, until: null, least: 0, kinds: KINDS, basis: "both" }, piece.nodes, piece.edges, new Map(), []);
    return { open, laid: tiers(open.nodes, open.lines, tall) };
  }, [key, piece, tall]);
  const [free, setFree] = useState<{ key: string; spots: ReadonlyMap<string, Spot> } | null>(null);
  useEffect(() => {
    if (view.layout !== "free" || !base || free?.key === key) return;
    let late = false;
    void import("./free.ts").then(({ free: settle }) => {
      // A breath first, so that the page can say that it is at work.
      setTimeout(() => !late && setFree({ key, spots: settle(base.open.nodes, base.open.lines, base.laid.spots) }), 30);
    });
    return () => {
      late = true;
    };
  }, [view.layout, base, key]);
  const settled = view.layout === "free" && free?.key === key ? free.spots : null;
  const picture = useMemo(() => sifted && base && pictureOf(sifted, settled ?? base.laid.spots, view.pins), [sifted, base, settled, view.pins, look]);
  if (!sifted || !base || !picture) return null;
  return { sifted, picture, fitKey: `${key} ${settled !== null}`, columns: settled ? NONE : base.laid.columns, laying: view.layout === "free" && settled === null };
}
