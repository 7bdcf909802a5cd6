// The way of one enterprise's goods to the core, as points over the map's cells; pure but for the reading.
import { useEffect, useMemo, useState } from "react";
import { ask, type Enterprise, type Failure, type Hop, type Ways, where } from "../api.ts";
import { useAnswer } from "../answer.ts";
import { depthColumn } from "../format.ts";
import { useSettings } from "../settings.ts";
import { keyOf, type Picture } from "./layout.ts";

export interface Stop {
  id: string;
  name: string;
  /** Key of its cell in this chain; null where it stands in none. */
  cell: string | null;
}
export interface Trail {
  stops: Stop[];
  hops: Hop[];
}
export interface Point {
  at: number;
  stop: Stop;
  x: number;
  y: number;
  /** How far from `x` its name begins (or, of the first, ends). */
  name: number;
}

/** The cell of an enterprise in a chain, by the rule the map's cells follow. */
export function cellOf(enterprise: Enterprise | undefined, chain: string | undefined): string | null {
  const position = enterprise?.positions.find((one) => one.chain.id === chain);
  if (!position?.segment || position.depth === null) return null;
  return keyOf({ segment: position.segment.id, depth: depthColumn(position.depth) });
}

const APART = 15;
/** So far before its cell stands a point: no figure is covered. */
const BEFORE = 7;

/** Points of the stops that have a cell in the picture: before its left edge, so that what it says stays legible; several beside each other. */
export function pointsOf(picture: Picture, stops: readonly Stop[]): Point[] {
  const cells = new Map(picture.cells.map((cell) => [cell.key, cell]));
  const inCell = new Map<string, number>();
  for (const { cell } of stops) if (cell !== null) inCell.set(cell, (inCell.get(cell) ?? 0) + 1);
  const seen = new Map<string, number>();
  return stops.flatMap((stop, at) => {
    const cell = stop.cell === null ? undefined : cells.get(stop.cell);
    if (!cell || stop.cell === null) return [];
    const nth = seen.get(stop.cell) ?? 0;
    seen.set(stop.cell, nth + 1);
    const before = (inCell.get(stop.cell) ?? 1) - 1 - nth;
    return [{ at, stop, x: cell.x - BEFORE - before * APART, y: cell.y + cell.height / 2, name: at ? cell.width + BEFORE + 8 : -14 }];
  });
}

const RADIUS = 8;

/** The line from one point to the next, from rim to rim of their circles. */
export function lineBetween(from: Point, to: Point): string {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const r = (value: number): string => String(Math.round(value * 10) / 10);
  const end = RADIUS + 3;
  const [x1, y1, x2, y2] = [from.x + ux * RADIUS, from.y + uy * RADIUS, to.x - ux * end, to.y - uy * end];
  if (length <= 2 * RADIUS + 4) return `M${r(x1)},${r(y1)}L${r(to.x - ux * RADIUS)},${r(to.y - uy * RADIUS)}`;
  const bow = Math.min(18, length * 0.12);
  return `M${r(x1)},${r(y1)}Q${r((x1 + x2) / 2 + uy * bow)},${r((y1 + y2) / 2 - ux * bow)} ${r(x2)},${r(y2)}`;
}

type Read = { state: "none" | "busy" } | { state: "failed"; failure: Failure; again: () => void } | { state: "empty"; longest: number } | { state: "found"; ways: number; trail: Trail };

/** Reads the `way`-th of the shortest ways to the core, and where its firms stand. `id` null reads nothing. */
export function useTrail(id: string | null, chain: string | undefined, way: number): Read {
  const { lang } = useSettings();
  const { data, failure, again } = useAnswer<Ways>(id !== null && chain !== undefined ? where.toCore(id, chain) : null);
  const hops = data?.items[Math.min(way, data.items.length - 1)]?.hops;
  const ids = useMemo(() => (hops ? [...hops.map((hop) => hop.from.id), hops.at(-1)?.to.id ?? ""] : []), [hops]);
  const key = `${lang} ${ids.join(" ")}`;
  const [seats, setSeats] = useState<{ key: string; cells: (string | null)[] }>({ key: "", cells: [] });
  useEffect(() => {
    if (!ids.length) return;
    const stop = new AbortController();
    const asked = ids.map((one) => ask<Enterprise>(where.enterprise(one), lang, stop.signal).then((found) => cellOf(found, chain), () => null));
    void Promise.all(asked).then((cells) => !stop.signal.aborted && setSeats({ key, cells }));
    return () => stop.abort();
  }, [ids, key, lang, chain]);
  return useMemo((): Read => {
    if (id === null) return { state: "none" };
    if (failure) return { state: "failed", failure, again };
    if (!data) return { state: "busy" };
    if (!hops?.length) return { state: "empty", longest: data.longest };
    const names = [...hops.map((hop) => hop.from), hops.at(-1)?.to ?? { id: "", name: "" }];
    const stops = names.map(({ id: one, name }, at) => ({ id: one, name, cell: seats.key === key ? (seats.cells[at] ?? null) : null }));
    return { state: "found", ways: data.items.length, trail: { stops, hops } };
  }, [id, data, failure, again, hops, seats, key]);
}
