// The industry map as SVG: lanes, depth columns, bands below, cells with their counts on top.
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { IndustryMap } from "../api.ts";
import { count, depth, depthColumn, money, shortCount, unitName } from "../format.ts";
import { follow } from "../parts/link.tsx";
import { href, type Place } from "../route.ts";
import { type Settings, useSettings } from "../settings.ts";
import { type Band, type Lane, keyOf, type Picture, type PlacedCell } from "./layout.ts";
import { steer } from "./steer.ts";

export interface Seat {
  segment: string;
  depth: number;
}

/** The place a cell's permalink leads to. */
export function cellPlace(place: Place, segment: string, at: number): Place {
  return { page: "map", chain: place.chain, segment, depth: at, view: place.view, lang: place.lang };
}

function Columns({ picture }: { picture: Picture }) {
  const { t } = useSettings();
  const first = picture.columns[0];
  const end = picture.columns.find((column) => column.depth === 0);
  const y = picture.top - (picture.narrow ? 8 : 12);
  return (
    <g className="columns" aria-hidden="true">
      {picture.columns.map((column, at) => (
        <g key={column.depth}>
          {column.depth === 0 && <rect className="end" x={column.x} y={0} width={column.width} height={picture.height} />}
          {at > 0 && <line x1={column.x} x2={column.x} y1={picture.top} y2={picture.height} />}
          <text className="tick" x={column.centre} y={y}>
            {depth(column.depth, 0)}
          </text>
        </g>
      ))}
      {first && (
        <text className="side" x={picture.narrow ? 0 : first.x + 6} y={13}>
          ← {t("upstream")}
        </text>
      )}
      {end && (
        <text className="side middle" x={end.centre} y={13}>
          ◆{!picture.narrow && ` ${t("end_product")}`}
        </text>
      )}
      <text className="side last" x={picture.width - 2} y={13}>
        {t("downstream")} →
      </text>
      {!picture.narrow && (
        <text className="corner" x={8} y={y}>
          {t("segment")}
        </text>
      )}
      {!picture.narrow && first && (
        <text className="corner last" x={first.x - 6} y={y}>
          {t("depth")}
        </text>
      )}
    </g>
  );
}

function LaneLines({ lanes }: { lanes: Lane[] }) {
  return (
    <g aria-hidden="true">
      {lanes.map((lane) => (
        <line key={lane.segment.id} x1={0} x2={lane.width} y1={lane.y} y2={lane.y} />
      ))}
    </g>
  );
}

function marksOf(lane: Lane, cores: string[]): string {
  return `${lane.segment.end ? "◆" : ""}${cores.length ? "★" : ""}`;
}

function LaneLabel({ lane, cores, narrow }: { lane: Lane; cores: string[]; narrow: boolean }) {
  const { t } = useSettings();
  const marks = marksOf(lane, cores);
  const why = [lane.segment.name, lane.segment.end ? t("end_product") : "", cores.length ? `${t("core_enterprise")}: ${cores.join(", ")}` : ""].filter(Boolean).join(" · ");
  const lift = (lane.label.length - 1) * 5.75;
  const markX = narrow ? lane.width - 2 : 0;
  return (
    <g className={lane.enterprises ? "lane" : "lane vacant"}>
      <text className={lane.segment.end ? "label strong" : "label"}>
        <title>{why}</title>
        {lane.label.map((line, at) => (
          <tspan key={at} x={lane.labelX} y={lane.labelY + 4 - lift + at * 11.5}>
            {line}
          </tspan>
        ))}
        {marks && narrow && (
          <tspan className="star" x={markX} y={lane.labelY + 4} textAnchor="end">
            {marks}
          </tspan>
        )}
      </text>
    </g>
  );
}

function Bands({ bands, drawn, lit }: { bands: Band[]; drawn: number; lit: string | null }) {
  const touches = (band: Band): boolean => lit !== null && (keyOf(band.flow.from) === lit || keyOf(band.flow.to) === lit);
  const visible = bands.filter((band) => band.rank < drawn || touches(band));
  return (
    <g className={lit ? "bands dimmed" : "bands"} aria-hidden="true">
      {visible
        .sort((a, b) => Number(touches(a)) - Number(touches(b)) || b.rank - a.rank)
        .map((band) => (
          <path key={band.key} className={`band${band.back ? " back" : ""}${touches(band) ? " lit" : ""}`} d={band.path} strokeWidth={Math.round(band.width * 100) / 100} />
        ))}
    </g>
  );
}

function cellLabel(placed: PlacedCell, name: string, cores: string[], { t, lang, unit }: Settings): string {
  const told = t("cell_label", { segment: name, depth: depth(placed.cell.depth, 0), n: count(placed.cell.enterprises), amount: money(placed.cell.amount_fen, lang, unit), unit: unitName(lang, unit) });
  return cores.length ? told + t("cell_core", { names: cores.join(", ") }) : told;
}

interface Props {
  map: IndustryMap;
  picture: Picture;
  drawn: number;
  place: Place;
  seat: Seat | null;
}

export function MapPicture({ map, picture, drawn, place, seat }: Props) {
  const settings = useSettings();
  const { t, lang } = settings;
  const [pointed, setPointed] = useState<string | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  const names = useMemo(() => new Map(map.segments.map((segment) => [segment.id, segment.name])), [map]);
  const chosen = place.segment !== undefined && place.depth !== undefined ? keyOf({ segment: place.segment, depth: place.depth }) : null;
  const seated = seat && keyOf(seat);
  const stop = [pointed, chosen, seated].find((key) => picture.cells.some((cell) => cell.key === key)) ?? picture.cells[0]?.key;
  const coresIn = (segment: string): string[] => map.cores.filter((core) => core.segment === segment).map((core) => core.name);
  const coresAt = (placed: PlacedCell): string[] => map.cores.filter((core) => core.segment === placed.cell.segment && core.depth !== undefined && core.depth !== null && depthColumn(core.depth) === placed.cell.depth).map((core) => core.name);

  const onKeyDown = (event: KeyboardEvent, from: PlacedCell): void => {
    const next = steer(picture.cells, from, event.key);
    if (!next) return;
    event.preventDefault();
    svg.current?.querySelector<SVGElement>(`[data-cell="${CSS.escape(next.key)}"]`)?.focus();
  };

  return (
    <svg ref={svg} className="picture" role="group" width={picture.width} height={picture.height} viewBox={`0 0 ${picture.width} ${picture.height}`} aria-label={`${t("map_label", { chain: map.chain.name, segments: map.segments.length, n: count(map.cells.reduce((sum, cell) => sum + cell.enterprises, 0)) })}. ${t("map_keys")}`}>
      <Columns picture={picture} />
      <LaneLines lanes={picture.lanes} />
      <Bands bands={picture.bands} drawn={drawn} lit={pointed ?? chosen ?? seated} />
      {picture.lanes.map((lane) => (
        <LaneLabel key={lane.segment.id} lane={lane} cores={coresIn(lane.segment.id)} narrow={picture.narrow} />
      ))}
      {!picture.narrow && <Marks picture={picture} coresIn={coresIn} />}
      <g className="cells">
        {picture.cells.map((placed) => {
          const to = cellPlace(place, placed.cell.segment, placed.cell.depth);
          const label = cellLabel(placed, names.get(placed.cell.segment) ?? placed.cell.segment, coresAt(placed), settings);
          const text = placed.width < 40 ? shortCount(placed.cell.enterprises, lang) : count(placed.cell.enterprises);
          return (
            <a
              key={placed.key}
              data-cell={placed.key}
              data-count={placed.cell.enterprises}
              className={`cell shade${placed.step}${placed.key === chosen ? " chosen" : ""}${placed.key === seated ? " seated" : ""}`}
              href={href(to)}
              aria-label={label}
              aria-current={placed.key === chosen ? "true" : undefined}
              tabIndex={placed.key === stop ? 0 : -1}
              onClick={(event) => follow(event, to)}
              onKeyDown={(event) => onKeyDown(event, placed)}
              onMouseEnter={() => setPointed(placed.key)}
              onMouseLeave={() => setPointed(null)}
              onFocus={() => setPointed(placed.key)}
              onBlur={() => setPointed(null)}
            >
              <title>{label}</title>
              <rect className="ring" x={placed.x - 3} y={placed.y - 3} width={placed.width + 6} height={placed.height + 6} rx={5} />
              <rect className="tile" x={placed.x} y={placed.y} width={placed.width} height={placed.height} rx={2.5} />
              <text x={placed.x + placed.width / 2} y={placed.y + placed.height / 2 + 4}>
                {text}
              </text>
              {coresAt(placed).length > 0 && (
                <text className="star" x={placed.x + placed.width + 1} y={placed.y + 4}>
                  ★
                </text>
              )}
            </a>
          );
        })}
      </g>
    </svg>
  );
}

/** Marks of end product and core enterprise at the right end of a lane's label. */
function Marks({ picture, coresIn }: { picture: Picture; coresIn: (segment: string) => string[] }) {
  const x = (picture.columns[0]?.x ?? 0) - 6;
  return (
    <g className="marks" aria-hidden="true">
      {picture.lanes.map((lane) => {
        const marks = marksOf(lane, coresIn(lane.segment.id));
        return (
          marks && (
            <text key={lane.segment.id} className="star" x={x} y={lane.labelY + 4} textAnchor="end">
              {marks}
            </text>
          )
        );
      })}
    </g>
  );
}
