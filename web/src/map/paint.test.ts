// Colours: every cell falls into a class that the legend names; changes have signs; equal maps give equal files.
import { describe, expect, it } from "vitest";
import { filled } from "../words.ts";
import { blockOf, sums, touched, toggled } from "./chosen.ts";
import { later, ofTwoDates, paintChange, shrunk } from "./compared.ts";
import { keyOf, layout, WORDY } from "./layout.ts";
import { type ChainMap, classOf, paint, shortMoney, signed, type Tongue } from "./paint.ts";
import { svgOf } from "./svg.ts";
import { lineBetween, pointsOf } from "./trail.ts";
import { choosing, COLORS, viewOf } from "./view.ts";
import { own } from "./words.ts";

const tongue: Tongue = { lang: "en", say: (word, params) => filled(own[word].en, params) };
const SEGMENTS = ["ore", "wafer", "cell", "module"].map((id, at) => ({ id, name: id, tier: 3 - at, role: "manufacture", end: id === "module" }));
const CELLS = SEGMENTS.map(({ id, tier }, at) => ({ segment: id, depth: tier, enterprises: 10 ** at, inferred: 0, amount_fen: 7 * 10 ** (9 + at), value: at ? at * 0.06 - 0.1 : null, of: 5, category: at ? String(30 + at) : null, category_text: at ? `Province ${at}` : null }));
const FLOWS = CELLS.slice(1).map((to, at) => ({ from: { segment: CELLS[at]!.segment, depth: CELLS[at]!.depth }, to: { segment: to.segment, depth: to.depth }, amount_fen: 100 * (at + 1), links: 1 }));
const MAP: ChainMap = { snapshot: "5".repeat(16), as_of: "2025-12-31", chain: { id: "pv", name: "Solar <&>" }, synthetic: true, core_known: true, cores: [], candidates: [], segments: SEGMENTS, depths: [3, 2, 1, 0], cells: CELLS, flows: FLOWS, unplaced: { enterprises: 0, amount_fen: 0 }, total: 1111 };
const COMPARED = {
  snapshot: MAP.snapshot, as_of: MAP.as_of, chain: MAP.chain, note: "n", before: { since: "2023-01", until: "2023-12", months: 12 }, after: { since: "2024-01", until: "2024-12", months: 12 },
  cells: [[10, 4], [0, 3], [5, 5], [4, 0]].map(([before = 0, after = 0], at) => ({ segment: CELLS[at]!.segment, depth: CELLS[at]!.depth, enterprises_before: before, enterprises_after: after, amount_before_fen: before * 1e9, amount_after_fen: after * 1e9, change: before ? after / before - 1 : null })),
  flows: FLOWS.map((flow, at) => ({ from: flow.from, to: flow.to, amount_before_fen: 50, amount_after_fen: at ? 50 + at : 20, links_before: 1, links_after: 1 })),
};

describe.each(COLORS)("the colour %s", (color) => {
  const made = paint(MAP, color, tongue);
  it("puts every cell into a class, and counts them", () => {
    expect([...made.marks.keys()].sort()).toEqual(CELLS.map(keyOf).sort());
    for (const mark of made.marks.values()) expect(made.entries[mark.entry]).toBeDefined();
    expect(made.entries.reduce((total, entry) => total + entry.cells, 0)).toBe(CELLS.length);
    expect(new Set(made.entries.map(({ id }) => id)).size).toBe(made.entries.length);
  });
  it("names what has no value", () => {
    const without = made.entries.filter(({ id }) => id === "none").map(({ cells }) => cells);
    expect(without).toEqual(color === "count" || color === "amount" ? [] : [1]);
  });
});

it("classes by bounds, the bound itself above", () => {
  expect([-0.3, -0.2, 0, 0.05, 0.2].map((value) => classOf(value, [-0.2, -0.05, 0.05, 0.2]))).toEqual([0, 1, 2, 3, 4]);
});

it("writes money and changes short", () => {
  expect(shortMoney(1_191_707_415_047, "zh")).toBe("119亿");
  expect(shortMoney(1_191_707_415_047, "en")).toBe("11.9bn");
  expect(shortMoney(-250_000_000, "zh")).toBe("−250万");
  expect(shortMoney(0, "zh")).toBe("0元");
  expect([0.1234, -0.05, 0.001].map((change) => signed(change))).toEqual(["+12%", "−5%", "0%"]);
});

it("tells two dates cell by cell, with what is new and what is gone", () => {
  const made = paintChange(COMPARED, "amount", tongue);
  const shorts = CELLS.map((cell) => made.marks.get(keyOf(cell))?.short);
  expect(shorts).toEqual(["−60%", "new", "0%", "−100%"]);
  expect(CELLS.map((cell) => made.entries[made.marks.get(keyOf(cell))!.entry]?.tone)).toEqual(["less2", "more2", "same", "less2"]);
  expect(CELLS.map((cell) => paintChange(COMPARED, "count", tongue).marks.get(keyOf(cell))?.short)).toEqual(["−6", "+3", "0", "−4"]);
});

it("draws what flows changed by, and which shrank", () => {
  const both = ofTwoDates(MAP, COMPARED);
  expect(both.flows.map((flow) => flow.amount_fen)).toEqual([30, 1, 2]);
  expect([...shrunk(COMPARED)]).toEqual([`${keyOf(FLOWS[0]!.from)}>${keyOf(FLOWS[0]!.to)}`]);
  expect(both.cells.map((cell) => cell.enterprises)).toEqual([4, 3, 5, 0]);
  expect(sums(later(MAP, COMPARED), ["ore@3", "wafer@2"])).toMatchObject({ enterprises: 7, inside_fen: 20, out_fen: 51 });
});

it("chooses by frame, by block and one by one, and adds up", () => {
  const { cells } = layout(MAP, 1200);
  expect(touched(cells, { x: 0, y: 0, width: 5000, height: 5000 })).toHaveLength(4);
  expect(touched(cells, { x: 0, y: 0, width: 1, height: 1 })).toEqual([]);
  expect(blockOf(cells, cells[0]!, cells[2]!)).toEqual(["ore@3", "wafer@2", "cell@1"]);
  expect(toggled(toggled([], "a"), "a")).toEqual([]);
  const total = sums(MAP, ["wafer@2", "cell@1", "nowhere@9"]);
  expect(total).toEqual({ cells: 2, enterprises: 110, amount_fen: 7e10 + 7e11, inside_fen: 200, in_fen: 100, out_fen: 300 });
});

it("keeps the choice in the address, and drops what makes no sense", () => {
  const place = choosing({ page: "map", chain: "pv" }, ["cell@1", "ore@-2", "cell@1"]);
  expect(place.more?.["cells"]).toBe("cell:1,ore:-2");
  expect(viewOf(place).cells).toEqual(["cell@1", "ore@-2"]);
  const odd = viewOf({ page: "map", more: { color: "beauty", cells: "<x>,cell:1", before: "soon", months: "-3", way: "x" } });
  expect(odd).toMatchObject({ color: "count", cells: ["cell@1"], before: undefined, months: undefined, way: 0 });
  expect(viewOf({ page: "map", more: { color: "region", before: "2024-12-31" } }).color).toBe("amount");
  // The same places stand at both dates: what changed is the trade, unless the reader asks for firms.
  expect(viewOf({ page: "map", more: { before: "2024-12-31" } }).color).toBe("amount");
  expect(viewOf({ page: "map", more: { color: "count", before: "2024-12-31" } }).color).toBe("count");
});

it("leads from cell to cell, two in one beside each other", () => {
  const picture = layout(MAP, 1200);
  const stops = ["ore@3", "cell@1", "cell@1", null].map((cell, at) => ({ id: String(at), name: String(at), cell }));
  const points = pointsOf(picture, stops);
  expect(points.map(({ at }) => at)).toEqual([0, 1, 2]);
  expect(points[1]!.x).toBeLessThan(points[2]!.x);
  expect(lineBetween(points[0]!, points[1]!)).toMatch(/^M[\d.]+,[\d.]+Q/);
});

it("draws no cell narrower than its words, where columns allow it", () => {
  const picture = layout(MAP, 1200, WORDY);
  for (const cell of picture.cells) expect(cell.width).toBeGreaterThanOrEqual(WORDY);
});

describe("the map as a file", () => {
  const told = { title: "Map · Solar <&>", lines: ["as of 2025-12-31"], synthetic: "Synthetic", segment: "Segment", upstream: "Upstream", downstream: "Downstream", axis: "Depth", bands: "Bands" };
  const file = (map: ChainMap) => svgOf({ map, paint: paint(map, "growth", tongue), least: WORDY, bandsOf: (picture) => picture.bands, away: new Set(["ore@3"]), picked: ["cell@1"], stops: [], shrunk: null, told });
  it("is the same for the same question, in whatever order the answer came", () => {
    expect(file(structuredClone(MAP))).toEqual(file(MAP));
    expect(file({ ...MAP, cells: [...CELLS].reverse(), flows: [...FLOWS].reverse() }).svg).toBe(file(MAP).svg);
  });
  it("stands alone: colours written out, nothing left to fetch, every cell and mark told", () => {
    const { svg } = file(MAP);
    expect(svg).not.toMatch(/var\(|class=|url\((?!#)|href/);
    for (const said of ["Map · Solar &lt;&amp;&gt;", "as of 2025-12-31", "Synthetic", "≥ +20%", "Sales against the year before"]) expect(svg).toContain(said);
    expect(svg.match(/font-weight="600"/g)).toHaveLength(CELLS.length);
    expect(svg).not.toContain("#000000");
  });
});
