// The explorer: a piece of the graph as a picture and as tables, grown and narrowed by its reader.
import { useCallback, useMemo, useRef, useState } from "react";
import { count } from "../format.ts";
import { AsOf } from "../parts/asof.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useTitle } from "../title.ts";
import { canDraw, type Drawing } from "./draw.ts";
import "./explore.css";
import { type Explorer, here, useExplorer } from "./explorer.ts";
import { type LaidOut, useLaid, useMonths } from "./laid.ts";
import { Legend } from "./legend.tsx";
import { Panel } from "./panel.tsx";
import { PhraseBox } from "./phrase.tsx";
import { TimeSlider } from "./slider.tsx";
import { Stage } from "./stage.tsx";
import { Start } from "./start.tsx";
import { Toolbar } from "./toolbar.tsx";
import { Twin } from "./twin.tsx";
import { CHOSEN_MOST, chosenAt, fits, IN_ADDRESS, MOST, type View, withIds, without } from "./view.ts";
import { useCalled, useLook, useTall, useUndoKeys } from "./watch.ts";
import { own } from "./words.ts";

const DRAWS = canDraw();

function choose(ids: readonly string[]): void {
  go(withMore(here(), { chosen: ids.slice(-CHOSEN_MOST).join("."), edge: null, proof: null }), true);
}
function chooseEdge(id: string | null): void {
  go(withMore(here(), { edge: id, chosen: null, proof: null }), true);
}

export default function Explore({ place }: { place: Place }) {
  const say = useSay(own);
  const explorer = useExplorer(place);
  const { view, change, slide, piece } = explorer;
  const [painted, setPainted] = useState(!DRAWS);
  const [asking, setAsking] = useState(false);
  const [several, setSeveral] = useState(false);
  const [told, setTold] = useState("");
  const drawing = useRef<Drawing | null>(null);
  const before = useRef<View | null>(null);
  const months = useMonths(piece?.edges, painted || place.view === "table");
  const look = useLook();
  const called = useCalled(view.group);
  const laid = useLaid(explorer, months, useTall(), look, called);
  const chosenKey = place.more?.["chosen"] ?? "";
  const chosen = useMemo(() => chosenAt(place), [chosenKey]);
  const edge = place.more?.["edge"] ?? null;
  const line = laid?.sifted.lines.find(({ id }) => id === edge) ?? null;
  const table = place.view === "table";
  useTitle(say("title"));
  useUndoKeys(explorer);

  const add = useCallback(
    (ids: readonly string[]) =>
      change((now) => {
        const next = withIds(now, ids);
        const more = next.ids.length - now.ids.length;
        const cut = new Set([...now.ids, ...ids]).size > MOST;
        setTold(cut ? say("full", { n: count(MOST) }) : more ? say("added", { n: count(more) }) : say("nothing_new"));
        return more ? next : now;
      }),
    [change, say],
  );
  const hide = (ids: readonly string[]): void => {
    const shown = laid?.sifted.nodes.filter(({ id }) => ids.includes(id)).flatMap(({ members }) => members) ?? ids;
    change((now) => without(now, new Set([...ids, ...shown])));
    choose(chosen.filter((id) => !ids.includes(id)));
  };
  const keep = (ids: readonly string[]): void => {
    const near = new Set(ids);
    for (const { source, target } of piece?.edges ?? []) {
      if (ids.includes(source)) near.add(target);
      if (ids.includes(target)) near.add(source);
    }
    change((now) => ({ ...now, ids: now.ids.filter((id) => near.has(piece?.moved[id] ?? id)) }));
  };
  const moved = (id: string, spot: { x: number; y: number }): void => change((now) => ({ ...now, pins: { ...now.pins, [id]: [round(spot.x), round(spot.y)] } }));
  const pin = (id: string): void => {
    const dot = laid?.picture.dots.find((one) => one.id === id);
    change((now) => {
      if (!now.pins[id]) return dot ? { ...now, pins: { ...now.pins, [id]: [round(dot.x), round(dot.y)] } } : now;
      const { [id]: _, ...rest } = now.pins;
      return { ...now, pins: rest };
    });
  };
  const close = (): void => go(withMore(here(), { chosen: null, edge: null }), true);
  const span = (since: string | null, until: string | null): View => ({ ...view, since, until });
  const open = !(several && DRAWS && !table) && (chosen.length > 0 || line !== null) && piece !== null;
  const unknown = view.ids.length > 0 && !explorer.busy && piece !== null && piece.nodes.length === 0;
  const empty = !view.ids.length && !explorer.busy && !explorer.failure;
  return (
    <div className={open ? "split open explore" : "split explore"}>
      <main id="content" className="page explorepage" tabIndex={-1}>
        <div className="heading">
          <h1>{say("title")}</h1>
          {laid && <Counts laid={laid} explorer={explorer} />}
          {piece && <AsOf answer={piece} />}
        </div>
        <Toolbar
          explorer={explorer}
          place={place}
          sifted={laid?.sifted ?? null}
          drawing={drawing}
          called={called}
          onAdd={(id) => {
            add([id]);
            choose([id]);
          }}
          onAsk={() => setAsking(true)}
          onTold={setTold}
        />
        <p className="unseen" role="status">
          {told}
        </p>
        {explorer.failure && <Failed failure={explorer.failure} again={explorer.again} />}
        {empty && <Start place={place} />}
        {explorer.busy && !laid && <Loading />}
        {unknown && (
          <>
            <p className="state">{say("unknown", { n: count(view.ids.length) })}</p>
            <Start place={place} />
          </>
        )}
        {laid && view.ids.length > 0 && !unknown && (
          <>
            {DRAWS && !table && (
              <div className="frame">
                <Stage
                  picture={laid.picture}
                  sifted={laid.sifted}
                  columns={laid.columns}
                  chosen={chosen}
                  edge={edge}
                  several={several}
                  onSeveral={setSeveral}
                  fitKey={laid.fitKey}
                  onChoose={choose}
                  onEdge={chooseEdge}
                  onMoved={moved}
                  onHide={hide}
                  onPainted={() => setPainted(true)}
                  onOpenPanel={() => setTimeout(() => document.getElementById("explore-panel")?.focus(), 50)}
                  hold={(one) => {
                    drawing.current = one;
                  }}
                />
              </div>
            )}
            {!table && <Legend sifted={laid.sifted} />}
            {!DRAWS && <p className="hint">{say("no_webgl")}</p>}
            {!months.time && piece?.edges.some(({ type }) => type === "SUPPLIES") && <div className="timesroom" />}
            {months.time && months.time.months.length > 1 && (
              <TimeSlider
                time={months.time}
                view={view}
                onSlide={(since, until) => {
                  before.current ??= view;
                  slide(() => span(since, until));
                }}
                onChange={(since, until) => {
                  // One step for the whole way of the thumb: back to where it began, then on.
                  const start = before.current ?? view;
                  before.current = null;
                  slide(() => start);
                  change(() => span(since, until));
                }}
              />
            )}
            {(table || !DRAWS) && <Twin sifted={laid.sifted} nodes={piece?.nodes ?? []} chosen={chosen} onChoose={choose} onEdge={chooseEdge} />}
          </>
        )}
        {asking && <PhraseBox place={place} onFound={add} onClose={() => setAsking(false)} />}
      </main>
      {laid && open && (
        <Panel
          place={place}
          explorer={explorer}
          shown={laid.sifted.nodes}
          chosen={chosen}
          line={line}
          onFound={add}
          onChoose={choose}
          onHide={hide}
          onKeep={keep}
          onPin={pin}
          onUnfold={(group) => {
            change((now) => ({ ...now, folded: now.folded.filter((one) => one !== group) }));
            choose([]);
          }}
          onClose={close}
        />
      )}
    </div>
  );
}

/** What is shown, what is held back, and what could not be shown. */
function Counts({ laid, explorer }: { laid: LaidOut; explorer: Explorer }) {
  const say = useSay(own);
  const { view, piece, saved } = explorer;
  const { sifted } = laid;
  const movedIds = Object.keys(piece?.moved ?? {}).length;
  const missing = piece?.missing.filter((id) => view.ids.includes(id)).length ?? 0;
  return (
    <p className="hint counts" role="status">
      {say("counts", { nodes: count(sifted.nodes.length), edges: count(sifted.lines.length) })}
      {(sifted.hiddenNodes > 0 || sifted.hiddenEdges > 0) && ` · ${say("held_back", { nodes: count(sifted.hiddenNodes), edges: count(sifted.hiddenEdges) })}`}
      {movedIds > 0 && ` · ${say("moved", { n: movedIds })}`}
      {missing > 0 && ` · ${say("missing", { n: missing })}`}
      {!fits(view) && !saved && explorer.undo && ` · ${say("unsaved", { n: IN_ADDRESS })}`}
      {laid.laying && ` · ${say("laying")}`}
    </p>
  );
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
