// What of the graph is drawn: filters over nodes and links, amounts within the months chosen, groups folded into one.
import type { Edge, Node, View } from "./view.ts";

/** A link month by month: numbers of the months, and the amounts in them. */
export type ByMonth = ReadonlyMap<string, { months: readonly number[]; amount_fen: readonly number[] }>;

/** A node as drawn: one of the graph, or a group of them. */
export interface Shown {
  id: string;
  name: string;
  kind: Node["kind"] | "group";
  level: number | null;
  depth: number | null;
  sales_fen: number;
  hub: boolean;
  core: boolean;
  /** A partner outside the reader's rows, of which nothing but the name is told. */
  closed?: boolean;
  /** The nodes it stands for: itself, or all of a group. */
  members: readonly string[];
}
export interface Line {
  id: string;
  source: string;
  target: string;
  kind: Edge["kind"];
  basis: Edge["basis"];
  amount_fen: number | null;
  count: number;
  /** The links it stands for. */
  edges: readonly Edge[];
}
export interface Sifted {
  nodes: Shown[];
  lines: Line[];
  /** Ids of the nodes and links behind them, groups opened. */
  nodeIds: string[];
  edgeIds: string[];
  /** How many nodes and links the filters hold back. */
  hiddenNodes: number;
  hiddenEdges: number;
}

/** The amount of a link in the months from `first` to `last` (numbers); null where there was no trade in them. */
export function within(by: ByMonth, edge: Edge, first: number, last: number): number | null {
  const one = by.get(edge.id);
  if (!one) return edge.amount_fen ?? null;
  let sum: number | null = null;
  one.months.forEach((month, at) => {
    if (month >= first && month <= last) sum = (sum ?? 0) + (one.amount_fen[at] ?? 0);
  });
  return sum;
}

/** What a group is called: regions are grouped by province, chains are known by id alone. */
export type Called = (by: View["group"], key: string, name: string) => string;
const plainly: Called = (_by, _key, name) => name;

export function groupOf(node: Node, by: View["group"]): { key: string; name: string } | null {
  if (by === "none" || node.kind !== "enterprise") return null;
  if (by === "segment") return node.segment ? { key: node.segment, name: node.segment_name ?? node.segment } : null;
  if (by === "chain") return node.chain ? { key: node.chain, name: node.chain } : null;
  return node.region ? { key: node.region.slice(0, 2), name: node.region_name ?? node.region } : null;
}

/** Groups of the nodes there are, largest first, by what the view groups by. */
export function groupsIn(nodes: readonly Node[], by: View["group"]): { key: string; name: string; count: number }[] {
  const found = new Map<string, { key: string; name: string; count: number }>();
  for (const node of nodes) {
    const group = groupOf(node, by);
    if (!group) continue;
    const held = found.get(group.key) ?? { ...group, count: 0 };
    held.count += 1;
    found.set(group.key, held);
  }
  return [...found.values()].sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
}

function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null).sort((a, b) => a - b);
  return known[known.length >> 1] ?? null;
}

function shownOf(node: Node): Shown {
  const { id, name, kind, level = null, depth = null, hub = false, is_core: core = false, closed } = node;
  return { id, name, kind, level, depth, sales_fen: node.sales_fen ?? 0, hub, core, closed, members: [id] };
}

/** Which links the view lets through, with their amounts in its months. */
function linksOf(view: View, edges: readonly Edge[], by: ByMonth, months: readonly string[]): { edge: Edge; amount: number | null }[] {
  const first = view.since ? months.findIndex((month) => month >= (view.since as string)) : 0;
  const last = view.until ? months.findLastIndex((month) => month <= (view.until as string)) : Infinity;
  const timed = view.since !== null || view.until !== null;
  const kept: { edge: Edge; amount: number | null }[] = [];
  for (const edge of edges) {
    if (!view.kinds.includes(edge.kind)) continue;
    if (view.basis !== "both" && edge.basis !== view.basis) continue;
    const observed = edge.type === "SUPPLIES";
    const amount = timed && observed && months.length ? within(by, edge, first < 0 ? Infinity : first, last) : (edge.amount_fen ?? null);
    if (timed && observed && amount === null) continue;
    if (view.least > 0 && amount !== null && amount < view.least) continue;
    kept.push({ edge, amount });
  }
  return kept;
}

/** Nodes and links of a view, filtered, and groups folded. Equal input gives equal output, in order. */
export function sift(view: View, nodes: readonly Node[], edges: readonly Edge[], by: ByMonth, months: readonly string[], called: Called = plainly): Sifted {
  const fits = (node: Node): boolean => node.kind !== "enterprise" || ((view.chain === null || node.chain === view.chain) && (view.region === null || (node.region ?? "").startsWith(view.region)));
  const kept = nodes.filter(fits);
  const ids = new Set(kept.map(({ id }) => id));
  const links = linksOf(view, edges, by, months).filter(({ edge }) => ids.has(edge.source) && ids.has(edge.target));

  const folded = new Set(view.folded);
  const standsFor = new Map<string, string>();
  const groups = new Map<string, { name: string; members: Node[] }>();
  const shown: Shown[] = [];
  for (const node of kept) {
    const group = groupOf(node, view.group);
    if (!group || !folded.has(group.key)) {
      standsFor.set(node.id, node.id);
      shown.push(shownOf(node));
      continue;
    }
    const id = `group:${group.key}`;
    standsFor.set(node.id, id);
    const held = groups.get(id) ?? { name: called(view.group, group.key, group.name), members: [] };
    held.members.push(node);
    groups.set(id, held);
  }
  for (const [id, { name, members }] of groups)
    shown.push({
      id,
      name: `${name} · ${members.length}`,
      kind: "group",
      level: median(members.map((one) => one.level ?? null)),
      depth: median(members.map((one) => one.depth ?? null)),
      sales_fen: members.reduce((sum, one) => sum + (one.sales_fen ?? 0), 0),
      hub: false,
      core: members.some((one) => one.is_core),
      members: members.map((one) => one.id),
    });
  return { nodes: shown, lines: joined(links, standsFor), nodeIds: kept.map(({ id }) => id), edgeIds: links.map(({ edge }) => edge.id), hiddenNodes: nodes.length - kept.length, hiddenEdges: edges.length - links.length };
}

/** Links between what is drawn: those between the same two, of one kind and basis, become one. */
function joined(links: readonly { edge: Edge; amount: number | null }[], standsFor: ReadonlyMap<string, string>): Line[] {
  const lines = new Map<string, Line & { edges: Edge[] }>();
  for (const { edge, amount } of links) {
    const source = standsFor.get(edge.source) ?? edge.source;
    const target = standsFor.get(edge.target) ?? edge.target;
    if (source === target) continue;
    const lone = source === edge.source && target === edge.target;
    const id = lone ? edge.id : `${edge.kind}:${edge.basis}:${source}:${target}`;
    const held = lines.get(id);
    if (!held) lines.set(id, { id, source, target, kind: edge.kind, basis: edge.basis, amount_fen: amount, count: edge.count ?? 1, edges: [edge] });
    else {
      held.edges.push(edge);
      held.count += edge.count ?? 1;
      if (amount !== null) held.amount_fen = (held.amount_fen ?? 0) + amount;
    }
  }
  return [...lines.values()];
}
