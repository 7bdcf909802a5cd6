// The panel beside the picture: one node, several chosen, or one link, with what can be done from there.
import { type ReactNode, useEffect, useRef } from "react";
import { useAsked } from "../answer.ts";
import { post } from "../asking.ts";
import { count, money, percent, sentence, unitName } from "../format.ts";
import { Button } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Bars } from "./bars.tsx";
import { Expand } from "./expand.tsx";
import type { Explorer } from "./explorer.ts";
import { Notes } from "./notes.tsx";
import { PathDeed } from "./paths.tsx";
import type { Line, Shown } from "./sift.ts";
import { useLevelText } from "./stage.tsx";
import { Between, Common, Relate } from "./together.tsx";
import { CHOSEN_MOST, type Edge, type Node } from "./view.ts";
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
  if (line) body = <OfLine key={line.id} line={line} nodes={nodes} place={props.place} shown={props.shown} />;
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
      {firm && (
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
        {firm && (
          <Link className="button" to={{ page: "enterprise", id: node.id, lang: place.lang }}>
            {say("open_page")}
          </Link>
        )}
        <Button onPress={() => onKeep([node.id])}>{say("only")}</Button>
        <Button onPress={() => onPin(node.id)}>{say(explorer.view.pins[node.id] ? "unpin" : "pin")}</Button>
        <Button onPress={() => onHide([node.id])}>{say("hide")}</Button>
      </div>
      <Expand node={node} view={explorer.view} onFound={onFound} />
      {firm && <Notes on={{ enterprise: node.id }} />}
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

/** Takes the focus only when it was asked for by Enter: who chooses several with the space bar stays in the picture. */
function Heading({ children }: { children: ReactNode }) {
  return (
    <h2 id="explore-panel" tabIndex={-1}>
      {children}
    </h2>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const EDGES_TOLD = 40;

function OfLine({ line, nodes, place, shown }: { line: Line; nodes: ReadonlyMap<string, Node>; place: Place; shown: readonly Shown[] }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const nameOf = (id: string): string => nodes.get(id)?.name ?? shown.find((one) => one.id === id)?.name ?? id;
  const [edge] = line.edges;
  const one = line.edges.length === 1 ? edge : undefined;
  const supplies = line.edges.filter(({ type }) => type === "SUPPLIES").map(({ id }) => id);
  return (
    <>
      <Heading>
        <Printed>{nameOf(line.source)}</Printed> → <Printed>{nameOf(line.target)}</Printed>
      </Heading>
      <p className="tags">
        <span className="tag">{edge?.type_text ?? say(line.kind)}</span>
        <span className={line.basis === "inferred" ? "tag warn" : "tag good"}>{say(line.basis)}</span>
      </p>
      {line.basis === "inferred" && <p className="why">{say("inferred_why")}</p>}
      <dl className="facts">
        {line.amount_fen !== null && (
          <Fact name={say("amount", { unit: unitName(lang, unit) })}>
            <Traced proof={one && one.type === "SUPPLIES" ? { of: "link", enterprise: one.source, partner: one.target, side: "customers" } : null}>{money(line.amount_fen, lang, unit)}</Traced>
          </Fact>
        )}
        {line.kind === "supply" && line.basis === "observed" && <Fact name={say("invoices")}>{count(line.count)}</Fact>}
        {one && <Fact name={say("first")}>{one.first ?? "—"}</Fact>}
        {one && <Fact name={say("last")}>{one.last ?? "—"}</Fact>}
        {one?.share != null && <Fact name={say("share")}>{percent(one.share, 1)}</Fact>}
        {one?.probability != null && <Fact name={say("probability")}>{percent(one.probability)}</Fact>}
      </dl>
      {one && one.type === "SUPPLIES" && (
        <div className="deeds">
          <Traced proof={{ of: "link", enterprise: one.source, partner: one.target, side: "customers" }}>{say("papers")}</Traced>
        </div>
      )}
      {supplies.length > 0 && <Months edges={supplies} />}
      {!one && <Several edges={line.edges} nameOf={nameOf} place={place} />}
      {one && one.kind === "supply" && <Notes on={{ seller: one.source, buyer: one.target }} />}
    </>
  );
}

function Months({ edges }: { edges: readonly string[] }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const { data } = useAsked(post("/v1/graph/months", { body: { edges: edges.slice(0, 5000), each: false } }));
  if (!data) return null;
  const told = data.months.map((month, at) => ({ month, amount: data.amount_fen[at] ?? 0, n: data.count[at] ?? 0 }));
  return (
    <section>
      <h3>{say("months", { unit: unitName(lang, unit) })}</h3>
      <Bars values={data.amount_fen} label={say("months_of", { first: data.months[0] ?? "", last: data.months.at(-1) ?? "" })} titles={told.map(({ month, amount }) => `${month} · ${money(amount, lang, unit)}`)} />
      <p className="ends hint">
        <span>{data.months[0]}</span>
        <span>{data.months.at(-1)}</span>
      </p>
      <details>
        <summary>{say("months", { unit: unitName(lang, unit) })}</summary>
        <table className="rows">
          <tbody>
            {told
              .filter(({ n }) => n > 0)
              .map(({ month, amount, n }) => (
                <tr key={month}>
                  <th scope="row">{month}</th>
                  <td className="number">{money(amount, lang, unit)}</td>
                  <td className="number">{count(n)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

function Several({ edges, nameOf }: { edges: readonly Edge[]; nameOf: (id: string) => string; place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const largest = [...edges].sort((a, b) => (b.amount_fen ?? 0) - (a.amount_fen ?? 0)).slice(0, EDGES_TOLD);
  return (
    <section>
      <h3>{say("several_links", { n: count(edges.length) })}</h3>
      <ul className="found">
        {largest.map((edge) => (
          <li key={edge.id}>
            <Printed>{nameOf(edge.source)}</Printed> → <Printed>{nameOf(edge.target)}</Printed>{" "}
            <span className="hint">
              <Traced proof={edge.type === "SUPPLIES" ? { of: "link", enterprise: edge.source, partner: edge.target, side: "customers" } : null}>{money(edge.amount_fen, lang, unit)}</Traced>
            </span>
          </li>
        ))}
      </ul>
      {edges.length > largest.length && (
        <p className="hint">
          {largest.length} / {count(edges.length)}
        </p>
      )}
    </section>
  );
}
