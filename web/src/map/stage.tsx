// The map with its tools: what the address asks of it is read, coloured, drawn or told as a table, and taken away.
import { lazy, Suspense, useLayoutEffect, useMemo, useState } from "react";
import { type Enterprise, isId, where } from "../api.ts";
import { useAnswer, useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { percent } from "../format.ts";
import { Failed, Loading } from "../parts/states.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { AllTime } from "./alltime.tsx";
import { type Compared, later, ofTwoDates, paintChange, shrunk } from "./compared.ts";
import { savePng, saveSvg } from "./files.ts";
import { drawnBands, layout, type Picture, WORDY } from "./layout.ts";
import { dimmed, type Drawn, Legend } from "./legend.tsx";
import { type ChainMap, paint as painted } from "./paint.ts";
import { MapPicture, type Seat } from "./picture.tsx";
import { TrailTold } from "./route.tsx";
import { cellOf, useTrail } from "./trail.ts";
import { MapTable } from "./twin.tsx";
import { type Bands, type Color, COLORS, MONTHS, type View, viewOf } from "./view.ts";
import { own } from "./words.ts";

// Menus and fields bring the component library along: the picture does not wait for it.
const Tools = lazy(() => import("./tools.tsx").then(({ Tools }) => ({ default: Tools })));
const ChosenBar = lazy(() => import("./bar.tsx").then(({ ChosenBar }) => ({ default: ChosenBar })));

const MOST = { wide: 60, narrow: 24 };
const SHARE = 0.9;

/** The width an element really has, kept up to date. */
function useWidth(): [(element: HTMLElement | null) => void, number] {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!element) return;
    const style = getComputedStyle(element); // measured at once: the first picture need not wait for the observer
    setWidth(Math.floor(element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)));
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
}

/** Where the chosen enterprise stands in this chain: one cell, by the rule the map's cells follow. */
function useSeat(place: Place): Seat | null {
  const { data } = useAnswer<Enterprise>(isId(place.enterprise) ? where.enterprise(place.enterprise) : null);
  const [segment, depth] = (cellOf(data, place.chain) ?? "").split("@");
  return useMemo(() => (segment && depth !== undefined ? { segment, depth: Number(depth) } : null), [segment, depth]);
}

/** The bands that the reader wants, and how much of their amount is drawn. */
export function wanted(picture: Picture, bands: Bands): Drawn {
  if (bands === "none") return { bands: [], shown: 0, share: 0 };
  const kept = bands === "down" ? picture.bands.filter((band) => !band.back) : bands === "back" ? picture.bands.filter((band) => band.back) : picture.bands;
  const ranked = kept.map((band, rank) => ({ ...band, rank }));
  const capped = bands === "main" || bands === "down";
  return { bands: ranked, ...drawnBands(ranked, capped ? SHARE : 1, capped ? (picture.narrow ? MOST.narrow : MOST.wide) : Infinity) };
}

function useTwoDates(place: Place, view: View) {
  return useAsked(view.before === undefined ? null : get("/v1/chains/{chain}/map/compare", { path: { chain: place.chain ?? "" }, query: { before: view.before, after: view.after, months: view.months ?? MONTHS } }));
}

/** Which months count, in words. */
function useTime(map: ChainMap, compared: Compared | undefined): string {
  const say = useSay(own);
  if (compared) return say("time_versus", { before: compared.before.until, after: compared.after.until });
  return map.since && map.until ? say("time_span", { since: map.since, until: map.until }) : say("time_all");
}

/** The colour that the answer was asked in: while another is read, the one before stays whole. */
function colorOf(map: ChainMap, view: View): Color {
  return COLORS.find((color) => color === map.scale?.color) ?? view.color;
}

export function Stage({ map, place }: { map: ChainMap; place: Place }) {
  const view = useMemo(() => viewOf(place), [place]);
  const two = useTwoDates(place, view);
  if (view.before === undefined) return <Shown map={map} place={place} view={view} />;
  if (two.failure)
    return (
      <>
        <Failed failure={two.failure} again={two.again} />
        <AllTime place={place} />
      </>
    );
  return two.data ? <Shown map={map} compared={two.data} place={place} view={view} /> : <Loading />;
}

function Shown({ map: whole, compared, place, view }: { map: ChainMap; compared?: Compared; place: Place; view: View }) {
  const { t, lang } = useSettings();
  const say = useSay(own);
  const [frame, width] = useWidth();
  const [several, setSeveral] = useState(false);
  const seat = useSeat(place);
  const isCore = whole.cores.some((core) => core.id === place.enterprise);
  const way = useTrail(seat && whole.core_known && !isCore ? (place.enterprise ?? null) : null, place.chain, view.way);
  const map = useMemo(() => (compared ? ofTwoDates(whole, compared) : whole), [whole, compared]);
  const paint = useMemo(() => (compared ? paintChange(compared, view.color === "count" ? "count" : "amount", { lang, say }) : painted(map, colorOf(map, view), { lang, say })), [compared, map, view, lang, say]);
  const least = compared || view.color !== "count" ? WORDY : 0;
  const picture = useMemo(() => (width ? layout(map, width, least) : null), [map, width, least]);
  const drawn = useMemo(() => (picture ? wanted(picture, view.bands) : null), [picture, view.bands]);
  const less = useMemo(() => (compared ? shrunk(compared) : null), [compared]);
  const told = useTime(map, compared);
  const stops = way.state === "found" ? way.trail.stops : [];

  const onPicture = (kind: "svg" | "png"): void => {
    void import("./svg.ts").then(({ svgOf, WIDTH }) => {
      const bands = wanted(layout(map, WIDTH, least), view.bands);
      const lines = [say("made", { day: map.as_of ?? "—", snapshot: map.snapshot?.slice(0, 8) ?? "—" }), say("time_is", { told })];
      const bandsTold = bands.bands.length ? `${compared ? say("legend_bands_change") : t("legend_bands")} · ${t("legend_drawn", { n: bands.shown, total: bands.bands.length, share: percent(bands.share) })} · ◆ ${t("end_product")}${map.cores.length ? ` · ★ ${t("core_enterprise")}` : ""}${stops.length ? ` · ① ${say("trail_legend")}` : ""}` : "";
      const texts = { title: `${t("industry_map")} · ${map.chain.name}`, lines, synthetic: map.synthetic ? `${t("synthetic")} · ${t("synthetic_why")}` : null, segment: t("segment"), upstream: t("upstream"), downstream: t("downstream"), axis: t("axis"), bands: bandsTold };
      const sheet = { map, paint, least, bandsOf: (one: Picture) => { const kept = wanted(one, view.bands); return kept.bands.filter((band) => band.rank < kept.shown); }, away: dimmed(paint, view), picked: view.cells, stops, shrunk: less, told: texts };
      const file = svgOf(sheet);
      const name = `${map.chain.id}-${compared ? "compare-" : ""}${view.color}-${map.as_of ?? ""}.${kind}`;
      if (kind === "svg") saveSvg(file.svg, name);
      else void savePng(file.svg, file.width, file.height, name);
    });
  };

  return (
    <section aria-label={t("industry_map")}>
      <Suspense fallback={<div className="tools" />}>
        <Tools place={place} view={view} asOf={whole.as_of ?? ""} told={told} several={several} onSeveral={setSeveral} onPicture={onPicture} />
      </Suspense>
      {picture && drawn && <Legend paint={paint} drawn={place.view ? { bands: [], shown: 0, share: 0 } : drawn} place={place} view={view} cores={map.cores.length > 0} seat={seat !== null} trail={stops.length > 0} />}
      {view.cells.length > 0 && (
        <Suspense fallback={null}>
          <ChosenBar map={compared ? later(whole, compared) : map} until={compared?.after.until} chosen={view.cells} place={place} />
        </Suspense>
      )}
      {told !== say("time_all") && <p className="hint dated">{say("time_is", { told })}</p>}
      <div className="frame" ref={frame}>
        {picture && drawn && (place.view ? <MapTable map={map} picture={picture} paint={paint} place={place} view={view} /> : <MapPicture map={map} picture={picture} paint={paint} drawn={drawn} place={place} view={view} seat={seat} stops={stops} shrunk={less} several={several} />)}
      </div>
      <p className="hint axis">{t("axis")}</p>
      {way.state === "found" && <TrailTold map={map} trail={way.trail} ways={way.ways} way={view.way} place={place} />}
      {way.state === "failed" && <Failed failure={way.failure} again={way.again} />}
      {way.state === "empty" && <p className="hint">{say("trail_none", { n: way.longest })}</p>}
    </section>
  );
}
