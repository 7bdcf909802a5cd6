// The map's geometry keeps every count, never overlaps, and is the same picture for the same data.
import { describe, expect, it } from "vitest";
import type { IndustryMap } from "../api.ts";
import { type Box, drawnBands, layout, type Picture, shadeOf, shadeSteps } from "./layout.ts";

/** A small generator of maps, seeded, so that the checks meet many shapes. */
function mapOf(seed: number, segments = 18): IndustryMap {
  let state = seed * 2654435761 + 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  const list = Array.from({ length: segments }, (_, at) => ({ id: `s${at}`, name: `环节 segment number ${at}`, tier: next(9) - 2, role: "manufacture", end: at === 3 }));
  const cells = list.flatMap(({ id, tier }) =>
    [tier + 1, tier, tier - 1].filter(() => next(3) > 0).map((depth) => ({ segment: id, depth, enterprises: 1 + next(seed % 2 ? 90 : 40_000), amount_fen: next(1e9) })),
  );
  const flows = cells.flatMap((from) => [cells[next(cells.length)]!, cells[next(cells.length)]!].map((to) => ({ from, to, amount_fen: 1 + next(1e9), links: 1 + next(50) })));
  const depths = [...new Set(cells.map(({ depth }) => depth))].sort((a, b) => b - a);
  const total = cells.reduce((sum, cell) => sum + cell.enterprises, 7);
  return { snapshot: "s", as_of: "2026-10-31", chain: { id: "c", name: "c" }, synthetic: true, core_known: false, cores: [], candidates: [], segments: list, depths, cells, flows, unplaced: { enterprises: 7, amount_fen: 0 }, total };
}

const SHAPES = [1, 2, 3, 4, 5, 6].flatMap((seed) => [358, 740, 1216].map((width) => [seed, width] as const));

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe.each(SHAPES)("map %i in a frame of %i pixels", (seed, width) => {
  const map = mapOf(seed);
  const picture: Picture = layout(map, width);

  it("keeps every cell and every count", () => {
    expect(picture.cells.map(({ cell }) => cell).sort((a, b) => (a.segment + a.depth < b.segment + b.depth ? -1 : 1))).toEqual([...map.cells].sort((a, b) => (a.segment + a.depth < b.segment + b.depth ? -1 : 1)));
    expect(picture.cells.reduce((sum, { cell }) => sum + cell.enterprises, 0) + map.unplaced.enterprises).toBe(map.total);
    expect(picture.lanes.reduce((sum, lane) => sum + lane.enterprises, 7)).toBe(map.total);
  });

  it("draws the same picture again", () => {
    expect(layout(structuredClone(map), width)).toEqual(picture);
  });

  it("does not depend on the order of cells and flows", () => {
    expect(layout({ ...map, cells: [...map.cells].reverse(), flows: [...map.flows].reverse() }, width).cells).toEqual(picture.cells);
  });

  it("overlaps no cells and stays inside", () => {
    for (const [at, a] of picture.cells.entries()) {
      expect(picture.cells.slice(at + 1).filter((b) => overlap(a, b))).toEqual([]);
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + a.width).toBeLessThanOrEqual(picture.width);
      expect(a.y + a.height).toBeLessThanOrEqual(picture.height);
    }
  });

  it("puts upstream left and every cell into its lane and column", () => {
    for (const placed of picture.cells) {
      expect(picture.lanes[placed.row]?.segment.id).toBe(placed.cell.segment);
      expect(picture.columns[placed.column]?.depth).toBe(placed.cell.depth);
    }
    const depths = picture.columns.map(({ depth }) => depth);
    expect(depths).toEqual([...depths].sort((a, b) => b - a));
  });

  it("stacks bands no higher than the cell they touch", () => {
    const height = picture.cells[0]?.height ?? 0;
    for (const { key } of picture.cells) {
      const out = picture.bands.filter((band) => band.key.startsWith(`${key}>`) && band.width > 0.8).reduce((sum, band) => sum + band.width, 0);
      expect(out).toBeLessThanOrEqual(2 * height);
    }
    expect(Math.max(...picture.bands.map((band) => band.width))).toBeLessThanOrEqual(13);
  });
});

it("fits nine columns into a telephone's frame", () => {
  const map = { ...mapOf(1), depths: [6, 5, 4, 3, 2, 1, 0, -1, -2] };
  const picture = layout({ ...map, cells: map.cells.filter(({ depth }) => depth <= 6 && depth >= -2) }, 350);
  expect(picture.narrow).toBe(true);
  expect(picture.width).toBeLessThanOrEqual(350);
});

it("gives a segment that only a cell names a lane of its own", () => {
  const map = mapOf(1);
  const picture = layout({ ...map, cells: [...map.cells, { segment: "stray", depth: 9, enterprises: 3, amount_fen: 0 }] }, 1000);
  expect(picture.lanes.some(({ segment }) => segment.id === "stray")).toBe(true);
  expect(picture.columns[0]?.depth).toBe(9);
});

it("lays out a chain without cells", () => {
  const picture = layout({ ...mapOf(1), cells: [], flows: [], depths: [] }, 1000);
  expect(picture.cells).toEqual([]);
  expect(picture.lanes).toHaveLength(18);
});

it("shades by steps that a legend can name", () => {
  expect(shadeSteps(420)).toEqual([1, 20, 50, 100, 200]);
  expect(shadeSteps(1)).toEqual([1]);
  expect(shadeSteps(2)).toEqual([1, 2]);
  expect(shadeOf(9, [1, 10, 30])).toBe(0);
  expect(shadeOf(30, [1, 10, 30])).toBe(2);
});

it("says how much of the amount the drawn bands show", () => {
  const { bands } = layout(mapOf(1), 1000);
  expect(drawnBands(bands, 1, 10_000)).toEqual({ shown: bands.length, share: 1 });
  const some = drawnBands(bands, 0.5, 10_000);
  expect(some.shown).toBeLessThan(bands.length);
  expect(some.share).toBeGreaterThanOrEqual(0.5);
  expect(drawnBands([], 0.9, 60)).toEqual({ shown: 0, share: 0 });
});
