// The picture: sigma in a box that the keyboard can stand in, column captions over it, and what it announces.
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { money, unitName } from "../format.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Drawing } from "./draw.ts";
import { inkNow, type Picture } from "./picture.ts";
import type { Line, Shown, Sifted } from "./sift.ts";
import { stepFrom, type Way } from "./steps.ts";
import type { Column, Spot } from "./tiers.ts";
import { own } from "./words.ts";

export interface StageProps {
  picture: Picture;
  sifted: Sifted;
  columns: readonly Column[];
  chosen: readonly string[];
  edge: string | null;
  /** A finger has no shift key: while this is on, each tap adds a node or takes it away, and the panel waits. */
  several: boolean;
  onSeveral: (on: boolean) => void;
  /** Changes when the camera shall take in everything again. */
  fitKey: string;
  onChoose: (ids: string[]) => void;
  onEdge: (id: string | null) => void;
  onMoved: (id: string, spot: Spot) => void;
  onHide: (ids: string[]) => void;
  onPainted: () => void;
  onOpenPanel: () => void;
  /** Hands the drawing to whoever exports it. */
  hold: (drawing: Drawing | null) => void;
}

const WAYS: Record<string, Way> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

export function useLevelText(): (level: number | null) => string {
  const say = useSay(own);
  return (level) => (level === null ? say("level_none") : level === 0 ? say("level_core") : level > 0 ? say("level_n", { n: level }) : say("level_down", { n: -level }));
}

export function Stage(props: StageProps) {
  const say = useSay(own);
  const levelText = useLevelText();
  const { lang, unit, theme } = useSettings();
  const box = useRef<HTMLDivElement>(null);
  const captions = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const now = useRef(props);
  now.current = props;
  const [cursor, setCursor] = useState<string | null>(null);
  const [told, setTold] = useState("");

  useEffect(() => {
    if (!box.current) return;
    const made = new Drawing(
      box.current,
      {
        onNode: (id, additive) => {
          setCursor(id);
          now.current.onChoose(additive || now.current.several ? toggled(now.current.chosen, id) : [id]);
        },
        onEdge: (id) => !now.current.several && now.current.onEdge(id),
        onGround: () => {
          if (now.current.several) return;
          now.current.onChoose([]);
          now.current.onEdge(null);
        },
        onMoved: (id, spot) => now.current.onMoved(id, spot),
        onFrame: () => place(made, captions.current, now.current.columns),
        onPainted: () => now.current.onPainted(),
      },
      inkNow(),
    );
    drawing.current = made;
    now.current.hold(made);
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      now.current.hold(null);
      drawing.current = null;
      made.done();
    };
  }, []);

  const fitted = useRef("");
  const lit = { chosen: new Set(props.chosen), cursor, edge: props.edge };
  useEffect(() => {
    drawing.current?.show(props.picture, fitted.current !== props.fitKey, lit);
    fitted.current = props.fitKey;
  }, [props.picture, props.fitKey, theme]);
  useEffect(() => drawing.current?.light(lit), [props.chosen, props.edge, cursor]);
  const opening = useRef(true);
  useEffect(() => {
    // What is chosen is told, by whatever means it was chosen; not what the page opened with.
    const last = props.sifted.nodes.find(({ id }) => id === props.chosen.at(-1));
    if (!opening.current && last) setTold(say("chose", { n: props.chosen.length, name: last.name }));
    opening.current = false;
  }, [props.chosen]);

  const stand = (id: string, from: string | null): void => {
    const node = props.sifted.nodes.find((one) => one.id === id);
    if (!node) return;
    setCursor(id);
    drawing.current?.reveal(id);
    const own_ = props.sifted.lines.filter(({ source, target }) => source === id || target === id);
    const between = own_.find(({ source, target }) => source === from || target === from);
    const said = { name: node.name, level: levelText(node.level), n: own_.length };
    setTold(between?.amount_fen ? say("at_link", { ...said, amount: `${money(between.amount_fen, lang, unit)} ${unitName(lang, unit)}` }) : say("at", said));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = cursor ?? props.chosen.at(-1) ?? null;
    const way = WAYS[event.key];
    if (way) {
      const next = at === null || !props.sifted.nodes.some(({ id }) => id === at) ? firstOf(props.sifted.nodes) : stepFrom(at, way, spotsOf(props.picture), props.sifted.lines);
      if (next) stand(next, at);
    } else if (event.key === "Enter" && at) {
      props.onChoose([at]);
      props.onOpenPanel();
    } else if (event.key === " " && at) props.onChoose(toggled(props.chosen, at));
    else if (event.key === "Delete" && at) props.onHide([at]);
    else if (event.key === "Escape") props.onChoose([]);
    else if (event.key === "+" || event.key === "=") drawing.current?.zoom("in");
    else if (event.key === "-") drawing.current?.zoom("out");
    else if (event.key === "0") drawing.current?.fit();
    else return;
    event.preventDefault();
  };
  return (
    <div className="stage">
      <div className="captions" ref={captions} aria-hidden="true">
        {props.columns.map((column) => (
          <span key={String(column.level)}>{levelText(column.level)}</span>
        ))}
      </div>
      <div className="canvas" tabIndex={0} role="application" aria-label={say("picture")} aria-describedby="explore-keys" onKeyDown={onKeyDown}>
        <div ref={box} className="sigma" aria-hidden="true" />
      </div>
      <p id="explore-keys" className="unseen">
        {say("keys")}
      </p>
      <p className="unseen" role="status" aria-live="polite">
        {told}
      </p>
      {props.several && (
        <div className="several">
          <span>{say("several_do", { n: props.chosen.length })}</span>
          <button type="button" disabled={!props.chosen.length} onClick={() => props.onSeveral(false)}>
            {say("several_open")}
          </button>
          <button type="button" disabled={!props.chosen.length} onClick={() => props.onChoose([])}>
            {say("release")}
          </button>
        </div>
      )}
      <div className="zooms">
        <button type="button" aria-label={say("zoom_in")} title={say("zoom_in")} onClick={() => drawing.current?.zoom("in")}>
          +
        </button>
        <button type="button" aria-label={say("zoom_out")} title={say("zoom_out")} onClick={() => drawing.current?.zoom("out")}>
          −
        </button>
        <button type="button" aria-label={say("fit")} title={say("fit")} onClick={() => drawing.current?.fit()}>
          ⤢
        </button>
        <button type="button" aria-pressed={props.several} aria-label={say("several")} title={say("several")} onClick={() => props.onSeveral(!props.several)}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M2 5h6v6H2zM10 3h4M10 8h4M10 13h4" fill="none" stroke="currentColor" strokeWidth="1.6" />
          </svg>
        </button>
      </div>
    </div>
  );
}

export function toggled(chosen: readonly string[], id: string): string[] {
  return chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id];
}

function firstOf(nodes: readonly Shown[]): string | null {
  return nodes.reduce<Shown | null>((best, node) => (best === null || (node.core ? 1 : 0) - (best.core ? 1 : 0) > 0 || (node.core === best.core && node.sales_fen > best.sales_fen) ? node : best), null)?.id ?? null;
}

const held = new WeakMap<Picture, Map<string, Spot>>();
function spotsOf(picture: Picture): Map<string, Spot> {
  const known = held.get(picture) ?? new Map(picture.dots.map(({ id, x, y }) => [id, { x, y }]));
  held.set(picture, known);
  return known;
}

/** Captions stand over their columns; those that would run into the one before are left out. */
function place(drawing: Drawing, box: HTMLElement | null, columns: readonly Column[]): void {
  if (!box) return;
  let free = -Infinity;
  columns.forEach((column, at) => {
    const caption = box.children[at] as HTMLElement | undefined;
    if (!caption) return;
    const { x } = drawing.onScreen({ x: column.x, y: 0 });
    const wide = caption.offsetWidth || 60;
    const fits = x - wide / 2 > free && x > 0 && x < box.clientWidth;
    caption.style.visibility = fits ? "visible" : "hidden";
    caption.style.left = `${x}px`;
    if (fits) free = x + wide / 2 + 6;
  });
}

export type { Line };
