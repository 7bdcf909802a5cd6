// The free layout: ForceAtlas2 for a fixed number of steps from the tier columns, so that it ends where it ended before.
import Graph from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import type { Line, Shown } from "./sift.ts";
import type { Spot } from "./tiers.ts";

/** Fewer steps for many nodes: one step costs about n log n. */
function stepsFor(nodes: number): number {
  return nodes <= 200 ? 400 : nodes <= 800 ? 200 : 90;
}

export function free(nodes: readonly Shown[], lines: readonly Line[], start: ReadonlyMap<string, Spot>): Map<string, Spot> {
  const graph = new Graph({ multi: false, type: "undirected" });
  // A start on a line or in one point would stay there: each node is moved aside a little by its number.
  nodes.forEach(({ id }, at) => {
    const spot = start.get(id) ?? { x: 0, y: 0 };
    graph.addNode(id, { x: spot.x + Math.sin(at * 2.4) * 0.3, y: spot.y + Math.cos(at * 2.4) * 0.3 });
  });
  for (const { source, target } of lines) if (!graph.hasEdge(source, target)) graph.addEdge(source, target);
  if (graph.order < 2) return new Map(start);
  const found = forceAtlas2(graph, { iterations: stepsFor(graph.order), settings: { ...forceAtlas2.inferSettings(graph), barnesHutOptimize: graph.order > 400, linLogMode: false, gravity: 1, scalingRatio: 8, slowDown: 4 } });
  return new Map(Object.entries(found).map(([id, { x, y }]) => [id, { x, y }]));
}
