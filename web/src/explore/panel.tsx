// The panel beside the picture: one node, several chosen, or one link, with what can be done from there.
import { type ReactNode, useEffect, useRef } from "react";
import { count, money, sentence, unitName } from "../format.ts";
import { Button } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Expand } from "./expand.tsx";
import type { Explorer } from "./explorer.ts";
import { Fact, Heading } from "./fact.tsx";
import { OfLine } from "./link.tsx";
import { Notes } from "./notes.tsx";
import { PathDeed } from "./paths.tsx";
import type { Line, Shown } from "./sift.ts";
import { useLevelText } from "./stage.tsx";
import { Between, Common, Relate } from "./together.tsx";
import { CHOSEN_MOST, type Node } from "./view.ts";
import { own } from "./words.ts";

export interface PanelProps {
  place: Place;
  explorer: Explorer;
  shown: readonly Shown[];
  chosen: readonly string[];
  line: Line | null;
  /** Adds nodes to the picture; `choose` chooses those too. */
  onFound: (ids: string[]) => void;
  onChoose: (ids: string[]) => void;
  onHide: (ids: string[]) => void;
  onKeep: (ids: string[]) => void;
  onPin: (id: string) => void;
  onUnfold: (group: string) => void;
  onClose: () => void;
}

export function Panel(props: PanelProps) {
  const say = useSay(own);
  const { chosen, line, explorer } = props;
  const box = useRef<HTMLElement>(null);
  const key = line ? line.id : chosen.length === 1 ? chosen[0] : "";
  // A promise in newer browsers: an effect must not return it.
  useEffect(() => void box.current?.scrollTo(0, 0), [key]);
  const nodes = new Map((explorer.piece?.nodes ?? []).map((node) => [node.id, node]));
  const picked = chosen.map((id) => nodes.get(id)).filter((node): node is Node => node !== undefined);
  const group = chosen.length === 1 ? props.shown.find(({ id, kind }) => id === chosen[0] && kind === "group") : undefined;
  const [first] = picked;
  let body: ReactNode = null;
  if (line) body = <OfLine key={line.id} line={line} nodes={nodes} shown={props.shown} />;
  else if (group) body = <OfGroup group={group} {...props} />;
  else if (picked.length > 1) body = <OfSeveral nodes={picked} {...props} />;
  else if (first) body = <OfNode key={first.id} node={first} {...props} />;
  if (!body) return null;
  return (
    <aside ref={box} className="panel" aria-label={say("details")} onKeyDown={(event) => event.key === "Escape" && !event.defaultPrevented && props.onClose()}>
      <div className="panelbar">
        <span className="hint">{line ? say("edges") : picked.length > 1 ? say("chosen_n", { n: picked.length }) : say("details")}</span>
        <button type="button" className="icon" aria-label={say("close")} title={say("close")} onClick={props.onClose}>
          ✕
        </button>
      </div>
      {body}
    </aside>
  );
}

function OfNode({ node, explorer, place, onFound, onHide, onKeep, onPin }: { node: Node } & PanelProps) {
  const say = useSay(own);
  const levelText = useLevelText();
  const { lang, unit } = useSettings();
  const firm = node.kind === "enterprise";
  return (
    <>
      <Heading>
        <Printed>{node.name}</Printed>
      </Heading>
      <p className="tags">
        {!firm && <span className="tag">{node.kind_text}</span>}
        {node.is_core && <span className="tag warn">★ {say("core")}</span>}
        {node.hub && <span className="tag">◎ {say("hub")}</span>}
      </p>
      {node.closed && <p className="hint">{say("closed")}</p>}
      {firm && !node.closed && (
        <dl className="facts">
          {node.code && <Fact name={say("code")}>{node.code}</Fact>}
          <Fact name={say("seat")}>{node.segment_name ? `${sentence(node.segment_name)} · ${levelText(node.level ?? null)}` : "—"}</Fact>
          <Fact name={say("region")}>{node.region_name ?? "—"}</Fact>
          <Fact name={say("sales", { unit: unitName(lang, unit) })}>{money(node.sales_fen, lang, unit)}</Fact>
          <Fact name={say("edges")}>{say("partners", { s: count(node.suppliers), c: count(node.customers) })}</Fact>
        </dl>
      )}
      <div className="deeds">
        {firm && node.chain && !node.is_core && <PathDeed key={node.id} from={node} to="core" onFound={onFound} />}
        {firm && !node.closed && (
          <Link className="button" to={{ page: "enterprise", id: node.id, lang: place.lang }}>
            {say("open_page")}
          </Link>
        )}
        <Button onPress={() => onKeep([node.id])}>{say("only")}</Button>
        <Button onPress={() => onPin(node.id)}>{say(explorer.view.pins[node.id] ? "unpin" : "pin")}</Button>
        <Button onPress={() => onHide([node.id])}>{say("hide")}</Button>
      </div>
      {!node.closed && <Expand node={node} view={explorer.view} onFound={onFound} />}
      {firm && !node.closed && <Notes on={{ enterprise: node.id }} />}
      <p className="hint">{say("choose_hint", { n: CHOSEN_MOST })}</p>
    </>
  );
}

function OfSeveral({ nodes, onFound, onChoose, onHide, onKeep }: { nodes: readonly Node[] } & PanelProps) {
  const say = useSay(own);
  const firms = nodes.filter(({ kind }) => kind === "enterprise");
  const ids = nodes.map(({ id }) => id);
  return (
    <>
      <Heading>{say("chosen_n", { n: nodes.length })}</Heading>
      <ul className="picked">
        {nodes.map((node) => (
          <li key={node.id}>
            <button type="button" className="plainlink" onClick={() => onChoose([node.id])}>
              <Printed>{node.name}</Printed>
            </button>
            <button type="button" className="icon" aria-label={`${say("release")} ${node.name}`} onClick={() => onChoose(ids.filter((id) => id !== node.id))}>
              ✕
            </button>
          </li>
        ))}
      </ul>
      <div className="deeds">
        <Button onPress={() => onKeep(ids)}>{say("only")}</Button>
        <Button onPress={() => onHide(ids)}>{say("hide")}</Button>
        <Button onPress={() => onChoose([])}>{say("release")}</Button>
      </div>
      {firms.length > 1 && (
        <>
          <Between nodes={firms} onFound={onFound} />
          <Common key={`c${ids.join()}`} nodes={firms} onFound={onFound} />
          <Relate key={`r${ids.join()}`} nodes={firms} onFound={onFound} />
        </>
      )}
    </>
  );
}

function OfGroup({ group, onUnfold, onHide }: { group: Shown } & PanelProps) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  return (
    <>
      <Heading>{group.name}</Heading>
      <p>{say("group_of", { n: count(group.members.length) })}</p>
      <dl className="facts">
        <Fact name={say("sales", { unit: unitName(lang, unit) })}>{money(group.sales_fen, lang, unit)}</Fact>
      </dl>
      <div className="deeds">
        <Button kind="main" onPress={() => onUnfold(group.id.slice("group:".length))}>
          {say("open_group")}
        </Button>
        <Button onPress={() => onHide([...group.members])}>{say("hide")}</Button>
      </div>
    </>
  );
}
