// One industry chain: its figures, its map (or the table twin), and the panel of what was clicked.
import { useMemo, useRef } from "react";
import { useAsked } from "../answer.ts";
import { count, money, sentence, unitName } from "../format.ts";
import { AllTime } from "../map/alltime.tsx";
import type { ChainMap } from "../map/paint.ts";
import { mapQuestion } from "../map/question.ts";
import { Stage } from "../map/stage.tsx";
import { keptBy } from "../map/view.ts";
import { Panel } from "../panels/panel.tsx";
import { AsOf } from "../parts/asof.tsx";
import { Link } from "../parts/link.tsx";
import { NoCore } from "../parts/nocore.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import { Tile } from "../parts/tile.tsx";
import type { Place } from "../route.ts";
import { useSettings } from "../settings.ts";
import { useTitle } from "../title.ts";

const CORES_NAMED = 3;

function Tiles({ map, place }: { map: ChainMap; place: Place }) {
  const { t, lang, unit } = useSettings();
  const placed = map.cells.reduce((sum, cell) => sum + cell.enterprises, 0);
  const amount = map.cells.reduce((sum, cell) => sum + cell.amount_fen, map.unplaced.amount_fen);
  const here: Place = { page: "map", chain: place.chain, view: place.view, lang: place.lang, more: keptBy(place) };
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

/** What stands in the map's place while no enterprise has a cell: that, and the segments waiting, upstream first. */
function Vacant({ map }: { map: ChainMap }) {
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
function named(map: ChainMap): ChainMap {
  return { ...map, chain: { ...map.chain, name: sentence(map.chain.name) }, segments: map.segments.map((segment) => ({ ...segment, name: sentence(segment.name) })) };
}

/** The map that the address asks for; while another is read, the one before stays. */
function useMap(place: Place) {
  const { lang } = useSettings();
  const found = useAsked(mapQuestion(place));
  const last = useRef<{ lang: string; data: ChainMap } | null>(null);
  if (found.data) last.current = { lang, data: found.data };
  const shown = last.current?.lang === lang ? last.current.data : undefined;
  return { data: found.failure ? undefined : (found.data ?? shown), failure: found.failure, again: found.again };
}

export default function Chain({ place }: { place: Place }) {
  const { t } = useSettings();
  const { data: answer, failure, again } = useMap(place);
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
        {(failure || data?.cells.length === 0) && <AllTime place={place} />}
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
