// The way of goods drawn over the map, and told under it step by step; each step opens its papers.
import { count, money, unitName } from "../format.ts";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Traced } from "../parts/traced.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { cut } from "./fit.ts";
import type { Picture } from "./layout.ts";
import type { ChainMap } from "./paint.ts";
import { lineBetween, pointsOf, type Stop, type Trail } from "./trail.ts";
import { keptBy } from "./view.ts";
import { own } from "./words.ts";

const NAME_ROOM = 120;

interface Over {
  picture: Picture;
  stops: readonly Stop[];
}

/** Lines from one step to the next (broken where steps between stand elsewhere); under the cells, whose figures stay legible. */
export function TrailLines({ picture, stops }: Over) {
  const points = pointsOf(picture, stops);
  return (
    <g className="trail" aria-hidden="true">
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">
          <path className="trailhead" d="M0,0L8,4L0,8z" />
        </marker>
      </defs>
      {points.slice(1).map((to, at) => {
        const line = lineBetween(points[at] ?? to, to);
        return (
          <g key={to.at}>
            <path className="trailhalo" d={line} />
            <path className={to.at > (points[at]?.at ?? to.at) + 1 ? "trailline gap" : "trailline"} d={line} markerEnd="url(#arrow)" />
          </g>
        );
      })}
    </g>
  );
}

/** Circles with the number of each step, and names at both ends; over the cells. */
export function TrailStops({ picture, stops }: Over) {
  return (
    <g className="trail" aria-hidden="true">
      {pointsOf(picture, stops).map((point) => (
        <g key={point.at}>
          <circle className="trailstop" cx={point.x} cy={point.y} r={8} />
          <text className="trailnumber" x={point.x} y={point.y + 3.6}>
            {point.at + 1}
          </text>
          {!picture.narrow && (point.at === 0 || point.at === stops.length - 1) && (
            <text className={point.at ? "trailname" : "trailname first"} x={point.x + point.name} y={point.y + 4}>
              {cut(point.stop.name, NAME_ROOM, 11)}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}

/** Where a stop stands, in words. */
function useSeatName(map: ChainMap): (cell: string | null) => string {
  const { t } = useSettings();
  const say = useSay(own);
  const names = new Map(map.segments.map((segment) => [segment.id, segment.name]));
  return (cell) => {
    const [segment = "", depth = ""] = (cell ?? "").split("@");
    return cell === null ? say("trail_elsewhere") : t("cell", { segment: names.get(segment) ?? segment, depth: depth.replace("-", "−") });
  };
}

export function TrailTold({ map, trail, ways, way, place }: { map: ChainMap; trail: Trail; ways: number; way: number; place: Place }) {
  const { lang, unit } = useSettings();
  const say = useSay(own);
  const seatOf = useSeatName(map);
  const here = (id: string): Place => ({ page: "map", chain: place.chain, enterprise: id, view: place.view, lang: place.lang, more: keptBy(place) });
  return (
    <section className="told" aria-label={say("trail")}>
      <h2>{say("trail")}</h2>
      <p className="hint">{say("trail_why", { name: trail.stops[0]?.name ?? "", core: trail.stops.at(-1)?.name ?? "", n: count(trail.hops.length) })}</p>
      {ways > 1 && <ChoiceGroup name={say("trail_ways")} value={String(Math.min(way, ways - 1))} onChange={(next) => go(withMore(place, { way: next === "0" ? null : Number(next) + 1 }), true)} choices={Array.from({ length: ways }, (_, at) => ({ value: String(at), label: say("trail_way", { n: at + 1 }) }))} />}
      <ol className="steps">
        {trail.stops.map((stop, at) => {
          const hop = trail.hops[at];
          return (
            <li key={`${stop.id} ${at}`}>
              <span className="stepnumber" aria-hidden="true">
                {at + 1}
              </span>
              <span>
                {at === trail.stops.length - 1 && <span className="star">★ </span>}
                <Link to={here(stop.id)}>
                  <Printed>{stop.name}</Printed>
                </Link>
                <span className="hint"> {seatOf(stop.cell)}</span>
                {hop && (
                  <span className="hop-sum">
                    {" → "}
                    <Traced proof={{ of: "link", enterprise: hop.from.id, partner: hop.to.id, side: "customers" }}>{say("trail_sums", { amount: money(hop.amount_fen, lang, unit), unit: unitName(lang, unit), n: count(hop.count) })}</Traced>
                  </span>
                )}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
