// The industry map as SVG: lanes, depth columns, bands below, cells with their counts on top.
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Cell } from "../api.ts";
import { count, depth, depthColumn, MISSING, money, unitName } from "../format.ts";
import { follow } from "../parts/link.tsx";
import { go, href, type Place } from "../route.ts";
import { useSay } from "../say.ts";
import { type Settings, useSettings } from "../settings.ts";
import { blockOf, toggled } from "./chosen.ts";
import { cut, widthOf } from "./fit.ts";
import { useFrame } from "./frame.ts";
import { type Band, type Lane, keyOf, type Picture, type PlacedCell } from "./layout.ts";
import { dimmed, type Drawn } from "./legend.tsx";
import type { ChainMap, Paint } from "./paint.ts";
import { TrailLines, TrailStops } from "./route.tsx";
import { steer } from "./steer.ts";
import type { Stop } from "./trail.ts";
import { choosing, keptBy, type View } from "./view.ts";
import { own } from "./words.ts";

export interface Seat {
  segment: string;
  depth: number;
}

/** The place a cell's permalink leads to. */
export function cellPlace(place: Place, segment: string, at: number): Place {
  return { page: "map", chain: place.chain, segment, depth: at, view: place.view, lang: place.lang, more: keptBy(place) };
}

function Columns({ picture }: { picture: Picture }) {
  const { t } = useSettings();
  const first = picture.columns[0];
  const end = picture.columns.find((column) => column.depth === 0);
  const y = picture.top - (picture.narrow ? 8 : 12);
  const last = `${t("downstream")} →`;
  const marked = end && end.centre + 10 < picture.width - widthOf(last, 12);
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
      {end && marked && (
        <text className="side middle" x={end.centre} y={13}>
          ◆{!picture.narrow && ` ${t("end_product")}`}
        </text>
      )}
      <text className="side last" x={picture.width - 2} y={13}>
        {last}
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

function Bands({ drawn, lit, shrunk, away }: { drawn: Drawn; lit: string | null; shrunk: ReadonlySet<string> | null; away: ReadonlySet<string> }) {
  const touches = (band: Band): boolean => lit !== null && (keyOf(band.flow.from) === lit || keyOf(band.flow.to) === lit);
  const dim = (band: Band): boolean => away.has(keyOf(band.flow.from)) && away.has(keyOf(band.flow.to));
  const visible = drawn.bands.filter((band) => (band.rank < drawn.shown || touches(band)) && !dim(band));
  const change = (band: Band): string => (shrunk ? (shrunk.has(band.key) ? " less" : " more") : "");
  return (
    <g className={lit ? "bands dimmed" : "bands"} aria-hidden="true">
      {visible
        .sort((a, b) => Number(touches(a)) - Number(touches(b)) || b.rank - a.rank)
        .map((band) => (
          <path key={band.key} className={`band${band.back ? " back" : ""}${change(band)}${touches(band) ? " lit" : ""}`} d={band.path} strokeWidth={Math.round(band.width * 100) / 100} />
        ))}
    </g>
  );
}

/** The whole of one cell in words. */
export function cellLabel(cell: Cell, name: string, cores: readonly string[], told: string, { t, lang, unit }: Settings): string {
  const said = t("cell_label", { segment: name, depth: depth(cell.depth, 0), n: count(cell.enterprises), amount: money(cell.amount_fen, lang, unit), unit: unitName(lang, unit) });
  const more = told ? `${lang === "zh" ? "；" : "; "}${told}` : "";
  return cores.length ? said + more + t("cell_core", { names: cores.join(", ") }) : said + more;
}

interface Props {
  map: ChainMap;
  picture: Picture;
  paint: Paint;
  drawn: Drawn;
  place: Place;
  view: View;
  seat: Seat | null;
  /** The way of the seated enterprise's goods, where it is read. */
  stops: readonly Stop[];
  /** Keys of bands that carry less than before, where two dates are compared. */
  shrunk: ReadonlySet<string> | null;
  /** Whether a plain click chooses instead of opening. */
  several: boolean;
}

export function MapPicture({ map, picture, paint, drawn, place, view, seat, stops, shrunk, several }: Props) {
  const { t, lang } = useSettings();
  const say = useSay(own);
  const [pointed, setPointed] = useState<string | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  const anchor = useRef<PlacedCell | null>(null);
  const frame = useFrame(svg, picture, view.cells, place);
  useEffect(() => {
    // After the frame in which the map stands on the screen.
    const asked = requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("map:painted")));
    return () => cancelAnimationFrame(asked);
  }, [picture]);
  const names = useMemo(() => new Map(map.segments.map((segment) => [segment.id, segment.name])), [map]);
  const away = useMemo(() => dimmed(paint, view), [paint, view]);
  const chosen = place.segment !== undefined && place.depth !== undefined ? keyOf({ segment: place.segment, depth: place.depth }) : null;
  const seated = seat && keyOf(seat);
  const stop = [pointed, chosen, seated].find((key) => picture.cells.some((cell) => cell.key === key)) ?? picture.cells[0]?.key;
  const coresIn = (segment: string): string[] => map.cores.filter((core) => core.segment === segment).map((core) => core.name);

  const onKeyDown = (event: KeyboardEvent, from: PlacedCell): void => {
    if (event.key === "Escape" && view.cells.length) {
      event.stopPropagation();
      go(choosing(place, []), true);
    } else if (event.key === " " || (event.key === "Enter" && event.shiftKey)) {
      event.preventDefault();
      anchor.current = from;
      go(choosing(place, toggled(view.cells, from.key)), true);
    }
    const next = steer(picture.cells, from, event.key);
    if (!next) return;
    event.preventDefault();
    if (event.shiftKey) {
      anchor.current ??= from;
      go(choosing(place, blockOf(picture.cells, anchor.current, next)), true);
    } else anchor.current = null;
    svg.current?.querySelector<SVGElement>(`[data-cell="${CSS.escape(next.key)}"]`)?.focus();
  };
  const onClick = (event: MouseEvent, placed: PlacedCell, to: Place): void => {
    if (frame.justDrawn()) event.preventDefault();
    else if (several || event.shiftKey) {
      event.preventDefault();
      go(choosing(place, toggled(view.cells, placed.key)), true);
    } else follow(event, to);
  };

  return (
    <svg ref={svg} className={`picture${stops.length ? " trailed" : ""}${picture.narrow ? " narrow" : ""}`} role="group" width={picture.width} height={picture.height} viewBox={`0 0 ${picture.width} ${picture.height}`} aria-label={`${t("map_label", { chain: map.chain.name, segments: map.segments.length, n: count(map.cells.reduce((sum, cell) => sum + cell.enterprises, 0)) })}. ${t("map_keys")}${lang === "zh" ? "；" : "; "}${say("keys")}`} {...frame.handlers}>
      <Columns picture={picture} />
      <LaneLines lanes={picture.lanes} />
      <Bands drawn={drawn} lit={pointed ?? chosen ?? seated} shrunk={shrunk} away={away} />
      {picture.lanes.map((lane) => (
        <LaneLabel key={lane.segment.id} lane={lane} cores={coresIn(lane.segment.id)} narrow={picture.narrow} />
      ))}
      {!picture.narrow && <Marks picture={picture} coresIn={coresIn} />}
      {stops.length > 0 && <TrailLines picture={picture} stops={stops} />}
      <g className="cells">
        {picture.cells.map((placed) => {
          const { cell, key } = placed;
          const mark = paint.marks.get(key);
          const tone = paint.entries[mark?.entry ?? 0]?.tone ?? "none";
          const picked = view.cells.includes(key);
          return (
            <CellOf
              key={key}
              placed={placed}
              to={cellPlace(place, cell.segment, cell.depth)}
              names={coresAt(map, placed)}
              segment={names.get(cell.segment) ?? cell.segment}
              text={view.color === "count" && !shrunk ? (placed.width < 40 ? (mark?.short ?? "") : count(cell.enterprises)) : cut(mark?.short ?? MISSING, placed.width, picture.narrow ? 10 : 11.5)}
              told={mark?.told ?? ""}
              state={`${tone}${key === chosen ? " chosen" : ""}${key === seated ? " seated" : ""}${picked ? " picked" : ""}${away.has(key) ? " away" : ""}${view.color === "count" && !shrunk ? "" : " wordy"}`}
              picked={picked}
              current={key === chosen}
              stop={key === stop}
              onClick={onClick}
              onKeyDown={onKeyDown}
              onPoint={setPointed}
            />
          );
        })}
      </g>
      {stops.length > 0 && <TrailStops picture={picture} stops={stops} />}
      {frame.drawn && <rect className="choosing" x={frame.drawn.x} y={frame.drawn.y} width={frame.drawn.width} height={frame.drawn.height} />}
    </svg>
  );
}

function coresAt(map: ChainMap, placed: PlacedCell): string[] {
  const cores: { name: string; segment?: string | null; depth?: number | null }[] = map.cores;
  return cores.filter((core) => core.segment === placed.cell.segment && core.depth !== undefined && core.depth !== null && depthColumn(core.depth) === placed.cell.depth).map((core) => core.name);
}

interface CellProps {
  placed: PlacedCell;
  to: Place;
  names: readonly string[];
  segment: string;
  text: string;
  told: string;
  state: string;
  picked: boolean;
  current: boolean;
  stop: boolean;
  onClick: (event: MouseEvent, placed: PlacedCell, to: Place) => void;
  onKeyDown: (event: KeyboardEvent, placed: PlacedCell) => void;
  onPoint: (key: string | null) => void;
}

function CellOf({ placed, to, names, segment, text, told, state, picked, current, stop, onClick, onKeyDown, onPoint }: CellProps) {
  const settings = useSettings();
  const say = useSay(own);
  const label = cellLabel(placed.cell, segment, names, told, settings) + (picked ? `, ${say("picked")}` : "");
  return (
    <a
      data-cell={placed.key}
      data-count={placed.cell.enterprises}
      className={`cell ${state}`}
      href={href(to)}
      aria-label={label}
      aria-current={current ? "true" : undefined}
      tabIndex={stop ? 0 : -1}
      draggable={false}
      onDragStart={(event) => event.preventDefault()}
      onClick={(event) => onClick(event, placed, to)}
      onKeyDown={(event) => onKeyDown(event, placed)}
      onMouseEnter={() => onPoint(placed.key)}
      onMouseLeave={() => onPoint(null)}
      onFocus={() => onPoint(placed.key)}
      onBlur={() => onPoint(null)}
    >
      <title>{label}</title>
      <rect className="ring" x={placed.x - 3} y={placed.y - 3} width={placed.width + 6} height={placed.height + 6} rx={5} />
      <rect className="tile" x={placed.x} y={placed.y} width={placed.width} height={placed.height} rx={2.5} />
      <text x={placed.x + placed.width / 2} y={placed.y + placed.height / 2 + 4}>
        {text}
      </text>
      {names.length > 0 && (
        <text className="star" x={placed.x + placed.width + 1} y={placed.y + 4}>
          ★
        </text>
      )}
    </a>
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
