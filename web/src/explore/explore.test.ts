// The logic of the explorer: addresses, undo, filters, groups, columns, steps, files.
import { expect, it } from "vitest";
import { parse } from "../route.ts";
import { boxAt, placed } from "./names.ts";
import { svgOf } from "./paper.ts";
import { begun, redone, replaced, stepped, undone } from "./past.ts";
import { faded, labelOf } from "./picture.ts";
import { outline, shapeOf } from "./shapes.ts";
import { groupsIn, sift } from "./sift.ts";
import { stepFrom } from "./steps.ts";
import { crossings, tiers } from "./tiers.ts";
import { EMPTY, type Edge, IN_ADDRESS, narrowed, type Node, placeOf, stateOf, type View, viewAt, viewOf, withIds, without } from "./view.ts";

const id = (n: number): string => n.toString(16).padStart(16, "0");
const node = (n: number, more: Partial<Node> = {}): Node => ({ id: id(n), kind: "enterprise", kind_text: "", name: `firm ${n}`, code: null, region: null, region_name: null, chain: "nev", segment: null, segment_name: null, level: n, depth: null, basis: null, size: null, hub: false, closed: false, is_core: false, sales_fen: 100 * n, customers: 0, suppliers: 0, ...more });
const edge = (a: number, b: number, more: Partial<Edge> = {}): Edge => ({ id: `SUPPLIES:${id(a)}:${id(b)}`, kind: "supply", type: "SUPPLIES", type_text: "", source: id(a), target: id(b), basis: "observed", amount_fen: 1000 * a, count: 1, first: null, last: null, share: null, probability: null, ...more });
const view = (more: Partial<View> = {}): View => ({ ...EMPTY, ids: [1, 2, 3, 4].map(id), ...more });
const NODES = [1, 2, 3, 4].map((n) => node(n));
const EDGES = [edge(4, 3), edge(3, 2), edge(2, 1)];
const sifted = (what: View, nodes = NODES, edges = EDGES) => sift(what, nodes, edges, new Map(), []);

it("writes a view into the address and reads it back", () => {
  const given = view({ layout: "free", kinds: ["supply", "guarantee"], basis: "both", least: 500, since: "2025-01", until: "2025-06", chain: "nev", region: "33", group: "segment", folded: ["nev-cell"] });
  const place = placeOf(parse("/explore", "?lang=zh"), given);
  expect(viewAt(place)).toEqual(given);
  expect(viewOf(JSON.parse(JSON.stringify(stateOf(given))))).toEqual(given);
});

it("reads ids by comma or dot, and drops what is none", () => {
  expect(viewAt(parse("/explore", `?nodes=${id(1)},${id(2)}.x.${id(1)}`)).ids).toEqual([id(1), id(2)]);
  expect(viewAt(parse("/explore", "?layout=round&least=-3&since=2025-13&region=ab&kinds=none"))).toEqual(EMPTY);
});

it("keeps where too many ids came from instead of the ids", () => {
  const many = view({ ids: Array.from({ length: IN_ADDRESS + 1 }, (_, n) => id(n)) });
  expect(placeOf(parse("/explore", "?nodes=x"), many, { chain: "nev", top: "200" }).more).toEqual({ chain: "nev", top: "200" });
  expect(placeOf(parse("/explore", "?chain=nev&top=5"), view()).more).toEqual({ nodes: view().ids.join(".") });
});

it("counts what narrows, adds and takes away", () => {
  expect(narrowed(EMPTY)).toBe(0);
  expect(narrowed(view({ since: "2025-01", until: "2025-02", least: 1 }))).toBe(2);
  expect(withIds(view(), [id(4), id(5)]).ids).toHaveLength(5);
  const gone = without(view({ pins: { [id(1)]: [0, 0], [id(2)]: [1, 1] } }), new Set([id(1)]));
  expect([gone.ids.includes(id(1)), Object.keys(gone.pins)]).toEqual([false, [id(2)]]);
});

it("undoes and redoes; a new step forgets what was taken back", () => {
  let past = stepped(stepped(begun("a"), "b"), "c");
  past = undone(past);
  expect([past.now, redone(past).now]).toEqual(["b", "c"]);
  expect(redone(stepped(past, "d")).now).toBe("d");
  expect(undone(undone(undone(past))).now).toBe("a");
  expect(undone(replaced(past, "x")).now).toBe("a");
  expect(stepped(past, past.now)).toBe(past);
});

it("holds back by kind, basis, amount, chain and region, and tells how many", () => {
  expect(sifted(view()).lines).toHaveLength(3);
  expect(sifted(view({ kinds: ["ownership"] }))).toMatchObject({ lines: [], hiddenEdges: 3 });
  expect(sifted(view({ least: 2500 })).lines.map(({ source }) => source)).toEqual([id(4), id(3)]);
  const inferred = [...EDGES, edge(4, 1, { id: `INFERRED:${id(4)}:${id(1)}`, type: "INFERRED", basis: "inferred", amount_fen: null, probability: 0.4 })];
  expect(sifted(view(), NODES, inferred).lines).toHaveLength(3);
  expect(sifted(view({ basis: "both" }), NODES, inferred).lines).toHaveLength(4);
  expect(sifted(view({ basis: "inferred" }), NODES, inferred).lines.map(({ basis }) => basis)).toEqual(["inferred"]);
  const spread = [node(1, { region: "330100" }), node(2, { region: "110000", chain: "pv" }), node(3, { kind: "person", chain: null })];
  expect(sifted(view({ region: "33" }), spread, []).nodes.map(({ id: one }) => one)).toEqual([id(1), id(3)]);
  expect(sifted(view({ chain: "pv" }), spread, [])).toMatchObject({ hiddenNodes: 1, nodeIds: [id(2), id(3)] });
});

it("counts only the months chosen", () => {
  const by = new Map([[EDGES[0]?.id ?? "", { edge: "", months: [0, 2], amount_fen: [70, 30] }], [EDGES[1]?.id ?? "", { edge: "", months: [0], amount_fen: [5] }]]);
  const months = ["2025-01", "2025-02", "2025-03"];
  const late = sift(view({ since: "2025-02" }), NODES, EDGES.slice(0, 2), by, months);
  expect(late.lines.map(({ amount_fen }) => amount_fen)).toEqual([30]);
  expect(sift(view({ until: "2025-01" }), NODES, EDGES.slice(0, 2), by, months).lines.map(({ amount_fen }) => amount_fen)).toEqual([70, 5]);
});

it("folds a group into one node, with its links joined", () => {
  const nodes = [node(1, { segment: "a", segment_name: "A" }), node(2, { segment: "b" }), node(3, { segment: "b" }), node(4)];
  const edges = [edge(2, 1), edge(3, 1), edge(3, 2), edge(4, 3)];
  expect(groupsIn(nodes, "segment").map(({ key, count }) => [key, count])).toEqual([["b", 2], ["a", 1]]);
  const folded = sifted(view({ group: "segment", folded: ["b"] }), nodes, edges);
  expect(folded.nodes.map((one) => one.id)).toEqual([id(1), id(4), "group:b"]);
  expect(folded.nodes.at(-1)).toMatchObject({ members: [id(2), id(3)], sales_fen: 500 });
  expect(folded.lines.map(({ source, target, amount_fen, edges: of }) => [source, target, amount_fen, of.length])).toEqual([["group:b", id(1), 5000, 2], [id(4), "group:b", 4000, 1]]);
  expect(folded.nodeIds).toHaveLength(4);
  expect(folded.edgeIds).toHaveLength(4);
});

it("stands upstream left, in the same places each time", () => {
  const { nodes, lines } = sifted(view());
  const laid = tiers(nodes, lines);
  const xs = [4, 3, 2, 1].map((n) => laid.spots.get(id(n))?.x ?? NaN);
  expect(xs).toEqual([...xs].sort((a, b) => a - b));
  expect(laid.columns.map(({ level }) => level)).toEqual([4, 3, 2, 1]);
  expect(tiers([...nodes].reverse(), [...lines].reverse())).toEqual(laid);
});

it("orders columns so that fewer links cross", () => {
  const left = Array.from({ length: 8 }, (_, n) => node(10 + n, { level: 1 }));
  const right = Array.from({ length: 8 }, (_, n) => node(40 + n, { level: 0, sales_fen: 100 * ((n * 5) % 8) }));
  const edges = left.map((_, n) => edge(10 + n, 40 + n));
  const { nodes, lines } = sifted(view(), [...left, ...right], edges);
  expect(crossings(tiers(nodes, lines), lines)).toBe(0);
});

it("places those without a level beside whom they are tied to", () => {
  const nodes = [node(1, { level: 2 }), node(2, { level: 0 }), node(3, { kind: "person", level: null, chain: null })];
  const { nodes: shown, lines } = sifted(view(), nodes, [edge(2, 1), edge(3, 1, { kind: "person", type: "LEGAL_REP_OF" })]);
  const { spots } = tiers(shown, lines);
  expect(spots.get(id(3))?.x).toBe(spots.get(id(1))?.x);
});

it("walks to the neighbour that lies that way", () => {
  const spots = new Map([["a", { x: 0, y: 0 }], ["b", { x: 1, y: 0.2 }], ["c", { x: 1, y: -3 }], ["d", { x: 0, y: 1 }]]);
  const lines = sifted(view()).lines.slice(0, 2).map((line, at) => ({ ...line, source: "a", target: at ? "c" : "b" }));
  expect(stepFrom("a", "right", spots, lines)).toBe("b");
  expect(stepFrom("b", "left", spots, lines)).toBe("a");
  expect(stepFrom("a", "left", spots, lines)).toBeNull();
  expect(stepFrom("a", "up", spots, [])).toBe("d");
});

it("says by marks what colours say, and fades towards the ground", () => {
  const [shown] = sifted(view(), [node(1, { is_core: true })], []).nodes;
  expect(shown && labelOf(shown)).toBe("★ firm 1");
  expect(faded("#000000", "#ffffff", 0.5)).toBe("#808080");
  expect(faded("rgba(1,2,3,0.5)", "#ffffff", 0.5)).toBe("rgba(1,2,3,0.25)");
});

it("writes what is seen as SVG: dashes for what is inferred, names escaped", () => {
  const ink = { ground: "#fff", paper: "#fff", ink: "#000", quiet: "#555", line: "#ccc", focus: "#f80", dot: "#00f", font: '"A", sans', of: () => "#000" };
  const svg = svgOf({ width: 100, height: 50, dots: [{ id: "a", x: 1, y: 2, r: 3, color: "#00f", shape: "disc", label: "A & <B>", lit: true }], names: [{ id: "a", text: "A & <B>", x: 8, y: 6 }], strokes: [{ id: "e", x1: 0, y1: 0, x2: 9, y2: 9, width: 1, color: "#999", unsure: true }] }, ink, "foot");
  expect(svg).toContain('stroke-dasharray="5 3"');
  expect(svg).toContain("A &#38; &#60;B&#62;");
  expect(svg).toContain("foot");
});

it("stands a partner whose seat is not told beside the firm that it trades with", () => {
  const closed = (n: number): Node => node(n, { level: null, closed: true });
  const { nodes, lines } = sifted(view(), [closed(1), node(2, { level: 2 }), closed(3)], [edge(1, 2), edge(2, 3)]);
  const { spots } = tiers(nodes, lines);
  const [supplier, own, buyer] = [1, 2, 3].map((n) => spots.get(id(n))?.x ?? Number.NaN) as [number, number, number];
  expect(supplier).toBeLessThan(own);
  expect(own).toBeLessThan(buyer);
});

it("writes the important names first, beside their dots, and none over another", () => {
  const wide = (text: string): number => 12 * text.length;
  const dots = [1, 2, 3, 4].map((n) => ({ id: String(n), x: 100, y: 100 + n, r: 5, text: `一二三四五六七八九${n}`, weight: n }));
  const found = placed(dots, [], [], 12, { width: 500, narrow: false }, wide);
  expect(found[0]).toMatchObject({ id: "4", x: 109 });
  const boxes = found.map(({ x, y, text }) => boxAt(x, y, wide(text), 12));
  for (const [at, a] of boxes.entries()) for (const b of boxes.slice(at + 1)) expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
  expect(placed([{ id: "a", x: 50, y: 50, r: 5, text: "一二三四五六七八九", weight: 1 }], [], [], 12, { width: 500, narrow: true }, wide)[0]?.text).toBe("一二三四五六七…");
});

it("gives persons, accounts, hubs and groups a shape of their own", () => {
  const kinds = [{ kind: "enterprise" }, { kind: "enterprise", hub: true }, { kind: "person" }, { kind: "account" }, { kind: "group" }] as const;
  const shapes = kinds.map((one) => shapeOf({ hub: false, core: false, ...one }));
  expect(shapes).toEqual(["disc", "ring", "person", "diamond", "square"]);
  expect(new Set(shapes.map((shape) => outline(shape, 6, 6, 5))).size).toBe(5);
});
