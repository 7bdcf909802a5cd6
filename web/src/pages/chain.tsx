// One industry chain: its figures, its map (or the table twin), and the panel of what was clicked.
import { useEffect, useMemo, useState } from "react";
import { type Enterprise, type IndustryMap, isId, where } from "../api.ts";
import { useAnswer } from "../answer.ts";
import { count, depthColumn, money, sentence, unitName } from "../format.ts";
import { drawnBands, layout } from "../map/layout.ts";
import { Legend } from "../map/legend.tsx";
import { MapPicture, type Seat } from "../map/picture.tsx";
import { MapTable } from "../map/twin.tsx";
import { Panel } from "../panels/panel.tsx";
import { AsOf } from "../parts/asof.tsx";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Link } from "../parts/link.tsx";
import { NoCore } from "../parts/nocore.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import { Tile } from "../parts/tile.tsx";
import { go, type Place } from "../route.ts";
import { useSettings } from "../settings.ts";
import { useTitle } from "../title.ts";

const BANDS = { wide: 60, narrow: 24 };
const BAND_SHARE = 0.9;
const CORES_NAMED = 3;

function Tiles({ map, place }: { map: IndustryMap; place: Place }) {
  const { t, lang, unit } = useSettings();
  const placed = map.cells.reduce((sum, cell) => sum + cell.enterprises, 0);
  const amount = map.cells.reduce((sum, cell) => sum + cell.amount_fen, map.unplaced.amount_fen);
  const here: Place = { page: "map", chain: place.chain, view: place.view, lang: place.lang };
  return (
    <dl className="tiles">
      <Tile name={t("in_chain")}>
        {count(map.total)} <small>{t("placed", { n: count(placed) })}</small>
      </Tile>
      <Tile name={t("unplaced")}>
        <Link to={{ ...here, unplaced: true }} aria-current={place.unplaced ? "true" : undefined}>
          {count(map.unplaced.enterprises)}
        </Link>{" "}
        <small>{t("unplaced_hint")}</small>
      </Tile>
      <Tile name={t("segments")}>{count(map.segments.length)}</Tile>
      <Tile name={t("amount", { unit: unitName(lang, unit) })}>{money(amount, lang, unit)}</Tile>
      <Tile name={t("core_enterprise")} wide>
        {map.core_known ? (
          <span className="cores">
            {map.cores.slice(0, CORES_NAMED).map((core) => (
              <Link key={core.id} to={{ ...here, enterprise: core.id }}>
                <span className="star">★</span> <Printed>{core.name}</Printed>
              </Link>
            ))}
            {map.cores.length > CORES_NAMED && <small title={map.cores.map((core) => core.name).join(", ")}>{t("more_cores", { n: map.cores.length - CORES_NAMED })}</small>}
          </span>
        ) : (
          <small>{t("core_none_known")}</small>
        )}
      </Tile>
    </dl>
  );
}

/** The width an element really has, kept up to date. */
function useWidth(): [(element: HTMLElement | null) => void, number] {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
}

/** Where the chosen enterprise stands in this chain: one cell, by the rule the map's cells follow. */
function useSeat(place: Place): Seat | null {
  const { data } = useAnswer<Enterprise>(isId(place.enterprise) ? where.enterprise(place.enterprise) : null);
  const position = data?.positions.find(({ chain }) => chain.id === place.chain);
  if (!position?.segment || position.depth === null) return null;
  return { segment: position.segment.id, depth: depthColumn(position.depth) };
}

function Stage({ map, place }: { map: IndustryMap; place: Place }) {
  const { t } = useSettings();
  const [frame, width] = useWidth();
  const seat = useSeat(place);
  const picture = useMemo(() => (width ? layout(map, width) : null), [map, width]);
  const drawn = useMemo(() => (picture ? drawnBands(picture.bands, BAND_SHARE, picture.narrow ? BANDS.narrow : BANDS.wide) : null), [picture]);
  const view = place.view ?? "picture";
  return (
    <section aria-label={t("industry_map")}>
      <div className="tools">
        <ChoiceGroup
          name={t("view")}
          value={view}
          onChange={(next) => go({ ...place, view: next === "table" ? "table" : undefined }, true)}
          choices={[
            { value: "picture", label: t("picture") },
            { value: "table", label: t("table") },
          ]}
        />
        {picture && drawn && view === "picture" && <Legend picture={picture} drawn={drawn.shown} share={drawn.share} cores={map.cores.length > 0} seat={seat !== null} />}
      </div>
      <div className="frame" ref={frame}>
        {picture && drawn && (view === "picture" ? <MapPicture map={map} picture={picture} drawn={drawn.shown} place={place} seat={seat} /> : <MapTable map={map} picture={picture} place={place} />)}
      </div>
      <p className="hint axis">{t("axis")}</p>
    </section>
  );
}

/** What stands in the map's place while no enterprise has a cell: that, and the segments waiting, upstream first. */
function Vacant({ map }: { map: IndustryMap }) {
  const { t } = useSettings();
  const segments = [...map.segments].sort((a, b) => b.tier - a.tier);
  return (
    <section className="vacancy">
      <h2>{t("empty_map")}</h2>
      {map.total > 0 && <p>{t("empty_map_loose", { n: count(map.total) })}</p>}
      <p>{t("empty_map_why")}</p>
      <ol>
        {segments.map((segment) => (
          <li key={segment.id}>
            {segment.end && <span className="star">◆ </span>}
            {segment.name}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The map with its names as they stand alone on a page. */
function named(map: IndustryMap): IndustryMap {
  return { ...map, chain: { ...map.chain, name: sentence(map.chain.name) }, segments: map.segments.map((segment) => ({ ...segment, name: sentence(segment.name) })) };
}

export function Chain({ place }: { place: Place }) {
  const { t } = useSettings();
  const { data: answer, failure, again } = useAnswer<IndustryMap>(where.map(place.chain ?? ""));
  const data = useMemo(() => answer && named(answer), [answer]);
  const open = place.enterprise !== undefined || place.segment !== undefined || place.unplaced === true;
  useTitle(data?.chain.name);
  return (
    <div className={open ? "split open" : "split"}>
      <main id="content" className="page" tabIndex={-1}>
        <div className="heading">
          <Link className="up" to={{ page: "chains", lang: place.lang }}>
            {t("all_chains")}
          </Link>
          <h1>{data?.chain.name ?? t("industry_map")}</h1>
          {data?.synthetic && <Synthetic />}
          {data && <AsOf answer={data} />}
        </div>
        {failure && <Failed failure={failure} again={again} />}
        {!data && !failure && <Loading />}
        {data && data.total > 0 && <Tiles map={data} place={place} />}
        {data && data.cells.length === 0 && <Vacant map={data} />}
        {data && !data.core_known && <NoCore map={data} place={place} />}
        {data && data.cells.length > 0 && <Stage map={data} place={place} />}
      </main>
      <Panel place={place} map={data} />
    </div>
  );
}
