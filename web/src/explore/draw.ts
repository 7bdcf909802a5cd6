// Drawing with sigma: one object that shows a picture, follows the pointer, and says when it has painted.
import Graph from "graphology";
import Sigma from "sigma";
import { EdgeArrowProgram, EdgeLineProgram, EdgeRectangleProgram } from "sigma/rendering";
import { DashedArrow, DashedLine } from "./dashes.ts";
import { hoverWith, multiplied, NARROW, write } from "./letters.ts";
import { boxAt, FOREMOST, type Placed, placed, type Wanted } from "./names.ts";
import { faded, type Ink, type Picture } from "./picture.ts";
import { ShapedPoint } from "./points.ts";
import { calm, roomFor } from "./room.ts";
import type { Shape } from "./shapes.ts";
import type { Spot } from "./tiers.ts";

export interface Hand {
  onNode: (id: string, additive: boolean) => void;
  onEdge: (id: string) => void;
  onGround: () => void;
  /** A node was dragged to a place. */
  onMoved: (id: string, spot: Spot) => void;
  /** After each frame: captions over the picture follow it. */
  onFrame: () => void;
  onPainted: () => void;
}

/** What stands out: chosen nodes, the one the keyboard stands on, the chosen line. */
export interface Lit {
  chosen: ReadonlySet<string>;
  cursor: string | null;
  edge: string | null;
}

/** Lines as they are on the screen, for files and for finding the one that was clicked. */
export interface Seen {
  width: number;
  height: number;
  dots: { id: string; x: number; y: number; r: number; color: string; shape: Shape; label: string; lit: boolean }[];
  /** Names where they stand. */
  names: Placed[];
  strokes: { id: string; x1: number; y1: number; x2: number; y2: number; width: number; color: string; unsure: boolean }[];
}

/** What sigma tells of a node whose name it would write. */
interface Asked {
  key: string;
  x: number;
  y: number;
  size: number;
  label: string | null;
  shape: Shape;
  zIndex: number;
}

/** Pixels of the letters of names. */
const LETTER = 12;
/** Among more nodes than this, names are chosen by a coarser grid. */
const AMONG = 400;
const NEAR = 6;
const STEP = 1.4;
const MOVE_MS = 150;
/** More nodes than this are not glided over. */
const STILL = 500;
/** More links than this are drawn as plain lines, for the same reason. */
const PLAIN = 600;

/** Whether this browser can draw with WebGL at all. */
export function canDraw(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

export class Drawing {
  private graph = new Graph({ multi: true, type: "directed" });
  private readonly sigma: Sigma;
  private picture: Picture | null = null;
  private lit: Lit = { chosen: new Set(), cursor: null, edge: null };
  private near = new Set<string>();
  private stepSince: number | null = null;
  private painted = false;
  private wanted: Wanted[] = [];
  private names: Placed[] = [];
  private pen: { context: CanvasRenderingContext2D; font: string } | null = null;
  /** The camera jumps instead of gliding: the reader asked for it, or there is too much to draw frame after frame. */
  private still = calm();

  constructor(
    private readonly box: HTMLElement,
    private readonly hand: Hand,
    ink: Ink,
  ) {
    const now = (): Ink => this.picture?.ink ?? ink;
    this.sigma = new Sigma(this.graph, box, {
      allowInvalidContainer: true,
      edgeProgramClasses: { arrow: EdgeArrowProgram, line: EdgeRectangleProgram, thin: EdgeLineProgram, dashes: DashedLine, dashed: DashedArrow },
      nodeProgramClasses: { point: ShapedPoint },
      defaultNodeType: "point",
      defaultEdgeType: "arrow",
      labelFont: ink.font,
      labelSize: LETTER,
      labelWeight: "400",
      labelRenderedSizeThreshold: 4,
      labelDensity: 0.9,
      labelGridCellSize: 110,
      stagePadding: 28,
      zIndex: true,
      minCameraRatio: 0.02,
      maxCameraRatio: 4,
      enableCameraRotation: false,
      zoomDuration: this.still ? 0 : MOVE_MS,
      inertiaDuration: this.still ? 0 : MOVE_MS,
      // Sigma says which names it would write; they are written together, once it is known where each fits.
      defaultDrawNodeLabel: (context, data, settings) => this.want(context, data as unknown as Asked, `${settings.labelWeight} ${settings.labelSize}px ${settings.labelFont}`),
      defaultDrawNodeHover: hoverWith(now),
      nodeReducer: (id, data) => this.nodeAs(id, data),
      edgeReducer: (id, data) => multiplied(this.edgeAs(id, data)),
    });
    this.follow();
  }

  private nodeAs(id: string, data: Record<string, unknown>): Record<string, unknown> {
    const { chosen, cursor } = this.lit;
    if (chosen.has(id) || cursor === id) return { ...data, highlighted: true, forceLabel: true, zIndex: 2 };
    if (!chosen.size || this.near.has(id)) return chosen.size && this.near.size <= 60 ? { ...data, forceLabel: true, zIndex: 1 } : data;
    return { ...data, color: faded(String(data["color"]), this.picture?.ink.ground ?? "", 0.35), label: this.near.size <= 60 ? "" : data["label"] };
  }

  private edgeAs(id: string, data: Record<string, unknown>): Record<string, unknown> {
    const ink = this.picture?.ink;
    if (!ink) return data;
    if (this.lit.edge === id) return { ...data, color: ink.focus, size: Math.max(3, Number(data["size"])), zIndex: 2 };
    if (!this.lit.chosen.size) return data;
    if (this.lit.chosen.has(String(data["from"])) || this.lit.chosen.has(String(data["to"]))) return { ...data, zIndex: 1, ...(data["supply"] ? { color: ink.of("band-lit") } : {}) };
    return { ...data, color: faded(String(data["color"]), ink.ground, 0.25) };
  }

  private want(context: CanvasRenderingContext2D, { key, x, y, size, label, shape, zIndex }: Asked, font: string): void {
    this.pen = { context, font };
    if (!label) return;
    // Neighbours of what is chosen first, then core enterprises and groups, then by size.
    const weight = (this.lit.chosen.size && zIndex > 0 ? 2 * FOREMOST : 0) + (shape === "square" || label.startsWith("★") ? FOREMOST : 0) + size;
    this.wanted.push({ id: key, x, y, r: size, text: label, weight });
  }

  /** Writes the names sigma asked for in this frame; those of what is chosen stand on the layer above. */
  private writeNames(): void {
    const { pen, picture } = this;
    this.names = [];
    if (!pen || !picture) return;
    pen.context.font = pen.font;
    const wide = (text: string): number => pen.context.measureText(text).width;
    const top = this.topNames();
    const wanted = this.wanted.filter(({ id }) => !top.some((one) => one.id === id));
    // Among many dots a name lies over small ones; among few it keeps off them.
    const dots = this.graph.order <= AMONG ? this.graph.mapNodes((id) => this.discAt(id)).filter((one) => one !== null) : [];
    const taken = top.map(({ x, y, text }) => boxAt(x, y, wide(text) * 1.1, LETTER));
    this.names = placed(wanted, taken, dots, LETTER, { width: this.box.clientWidth, narrow: this.box.clientWidth < NARROW.width }, wide);
    for (const { text, x, y } of this.names) write(pen.context, text, x, y, picture.ink);
  }

  private discAt(id: string): { x: number; y: number; r: number } | null {
    const data = this.sigma.getNodeDisplayData(id);
    return data ? { ...this.sigma.framedGraphToViewport(data), r: this.sigma.scaleSize(data.size) } : null;
  }

  /** Names of what is chosen or stood on: always whole, right of their dots. */
  private topNames(): Placed[] {
    return [...new Set([...this.lit.chosen, ...(this.lit.cursor ? [this.lit.cursor] : [])])].flatMap((id) => {
      const disc = this.graph.hasNode(id) ? this.discAt(id) : null;
      return disc ? [{ id, text: String(this.graph.getNodeAttribute(id, "label")), x: disc.x + disc.r + 6, y: disc.y + LETTER / 3 }] : [];
    });
  }

  private follow(): void {
    const { sigma } = this;
    sigma.on("beforeRender", () => {
      this.wanted = [];
    });
    let dragged: string | null = null;
    let moved = false;
    sigma.on("downNode", ({ node, event }) => {
      if (event.original instanceof MouseEvent && event.original.button !== 0) return;
      dragged = node;
      moved = false;
    });
    sigma.getMouseCaptor().on("mousemovebody", (event) => {
      if (!dragged) return;
      if (!moved) sigma.setCustomBBox(sigma.getBBox());
      moved = true;
      const { x, y } = sigma.viewportToGraph(event);
      this.graph.mergeNodeAttributes(dragged, { x, y });
      event.preventSigmaDefault();
      event.original.preventDefault();
      event.original.stopPropagation();
    });
    const drop = (): void => {
      if (dragged && moved) {
        const { x, y } = this.graph.getNodeAttributes(dragged) as Spot;
        this.hand.onMoved(dragged, { x, y });
      }
      dragged = null;
    };
    sigma.getMouseCaptor().on("mouseup", drop);
    sigma.getMouseCaptor().on("mouseleave", drop);
    sigma.on("clickNode", ({ node, event }) => {
      if (moved) return;
      const original = event.original as MouseEvent;
      this.hand.onNode(node, original.shiftKey || original.ctrlKey || original.metaKey);
    });
    sigma.on("clickStage", ({ event }) => {
      const edge = this.edgeAt(event.x, event.y);
      if (edge) this.hand.onEdge(edge);
      else this.hand.onGround();
    });
    sigma.on("enterNode", () => this.box.classList.add("over"));
    sigma.on("leaveNode", () => this.box.classList.remove("over"));
    sigma.getCamera().on("updated", () => {
      this.stepSince ??= performance.now();
    });
    sigma.on("afterRender", () => this.framed());
  }

  /** Marks for whoever measures: the frame is on its way to the screen when the next one may begin. */
  private framed(): void {
    this.writeNames();
    this.hand.onFrame();
    const since = this.stepSince;
    this.stepSince = null;
    const first = !this.painted && this.picture !== null && this.graph.order > 0;
    if (first) this.painted = true;
    if (!first && since === null) return;
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (first) {
          performance.mark("explore:painted", { detail: { nodes: this.graph.order, edges: this.graph.size } });
          this.hand.onPainted();
        }
        if (since !== null) performance.mark("explore:step", { detail: { ms: performance.now() - since } });
      }),
    );
  }

  /** Shows a picture in place of the last; the camera stays where it was, unless told to fit. */
  show(picture: Picture, fit: boolean, lit: Lit): void {
    this.picture = picture;
    this.lit = lit;
    this.still = calm() || picture.dots.length > STILL;
    this.set("labelRenderedSizeThreshold", picture.dots.length <= 60 ? 0 : picture.dots.length <= 400 ? 4 : 5);
    this.set("labelDensity", picture.dots.length <= AMONG ? 3 : 0.9);
    this.set("zoomDuration", this.still ? 0 : MOVE_MS);
    this.set("inertiaDuration", this.still ? 0 : MOVE_MS);
    // Filled before sigma sees it: a graph that it listens to costs an event for each node and link.
    const graph = new Graph({ multi: true, type: "directed" });
    const type = picture.strokes.length > PLAIN ? "thin" : picture.strokes.length > 250 ? "line" : "arrow";
    for (const { id, named, ...dot } of picture.dots) graph.addNode(id, { ...dot, forceLabel: named });
    for (const { id, source, target, unsure, ...stroke } of picture.strokes) graph.addEdgeWithKey(id, source, target, { ...stroke, type: unsure ? (type === "arrow" ? "dashed" : "dashes") : type, from: source, to: target, supply: !unsure && id.startsWith("SUPPLIES") });
    if (fit) {
      this.sigma.setCustomBBox(roomFor(picture, this.box.clientWidth));
      this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
    }
    this.graph = graph;
    this.relight();
    this.sigma.setGraph(graph);
  }

  light(lit: Lit): void {
    const { chosen, cursor, edge } = this.lit;
    if (cursor === lit.cursor && edge === lit.edge && [...chosen].join() === [...lit.chosen].join()) return;
    this.lit = lit;
    this.relight();
    this.sigma.refresh({ skipIndexation: true, schedule: true });
  }

  /** A setting is changed only where it differs: each change draws anew. */
  private set(name: "labelRenderedSizeThreshold" | "labelDensity" | "zoomDuration" | "inertiaDuration", value: number): void {
    if (this.sigma.getSetting(name) !== value) this.sigma.setSetting(name, value);
  }

  private relight(): void {
    this.near = new Set();
    for (const id of this.lit.chosen) if (this.graph.hasNode(id)) this.graph.forEachNeighbor(id, (other) => this.near.add(other));
  }

  fit(): void {
    if (this.picture) this.sigma.setCustomBBox(roomFor(this.picture, this.box.clientWidth));
    void this.sigma.getCamera().animatedReset({ duration: this.still ? 0 : MOVE_MS });
    this.sigma.refresh({ schedule: true });
  }

  /** One step of the camera: `in`, `out`. */
  zoom(way: "in" | "out"): void {
    const camera = this.sigma.getCamera();
    const ratio = camera.getBoundedRatio(way === "in" ? camera.ratio / STEP : camera.ratio * STEP);
    if (this.still) camera.setState({ ratio });
    else void camera.animate({ ratio }, { duration: MOVE_MS });
  }

  /** Brings a node into sight where it is out of it. */
  reveal(id: string): void {
    const place = this.sigma.getNodeDisplayData(id);
    if (!place) return;
    const { width, height } = this.sigma.getDimensions();
    const at = this.sigma.framedGraphToViewport(place);
    if (at.x > 40 && at.y > 40 && at.x < width - 40 && at.y < height - 40) return;
    if (this.still) this.sigma.getCamera().setState({ x: place.x, y: place.y });
    else void this.sigma.getCamera().animate({ x: place.x, y: place.y }, { duration: MOVE_MS });
  }

  /** Where a place of the picture stands on the screen. */
  onScreen(spot: Spot): Spot {
    return this.sigma.graphToViewport(spot);
  }

  seen(): Seen {
    const { width, height } = this.sigma.getDimensions();
    const at = new Map<string, Spot>();
    const dots = this.graph.mapNodes((id, data) => {
      const spot = this.sigma.graphToViewport(data as unknown as Spot);
      at.set(id, spot);
      const shown = this.sigma.getNodeDisplayData(id);
      const lit = this.lit.chosen.has(id);
      return { id, ...spot, r: this.sigma.scaleSize(shown?.size ?? 1), color: shown?.color ?? "", shape: data["shape"] as Shape, label: String(data["label"] ?? ""), lit };
    });
    const strokes = (this.picture?.strokes ?? []).map(({ id, source, target, unsure }) => {
      const [a, b] = [at.get(source) as Spot, at.get(target) as Spot];
      const shown = this.edgeAs(id, this.graph.getEdgeAttributes(id)) as { size: number; color: string };
      return { id, x1: a.x, y1: a.y, x2: b.x, y2: b.y, width: this.sigma.scaleSize(shown.size), color: shown.color, unsure };
    });
    return { width, height, dots, names: [...this.names, ...this.topNames()], strokes };
  }

  private edgeAt(x: number, y: number): string | null {
    let best: { id: string; far: number } | null = null;
    for (const { id, x1, y1, x2, y2, width } of this.seen().strokes) {
      const [dx, dy] = [x2 - x1, y2 - y1];
      const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
      const far = Math.hypot(x - x1 - along * dx, y - y1 - along * dy) - width / 2;
      if (far < NEAR && far < (best?.far ?? Infinity)) best = { id, far };
    }
    return best?.id ?? null;
  }

  resize(): void {
    const { width, height } = this.sigma.getDimensions();
    if (width === this.box.offsetWidth && height === this.box.offsetHeight) return;
    this.sigma.resize();
    this.sigma.refresh({ skipIndexation: true, schedule: true });
  }

  done(): void {
    this.sigma.kill();
  }
}
