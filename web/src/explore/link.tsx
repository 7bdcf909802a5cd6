// The panel of one link: what it is, what it rests on, month by month, and the papers behind it.
import { useAsked } from "../answer.ts";
import { post } from "../asking.ts";
import { count, money, percent, unitName } from "../format.ts";
import { Printed } from "../parts/printed.tsx";
import { Traced } from "../parts/traced.tsx";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Bars } from "./bars.tsx";
import { Fact, Heading } from "./fact.tsx";
import { Notes } from "./notes.tsx";
import type { Line, Shown } from "./sift.ts";
import type { Edge, Node } from "./view.ts";
import { own } from "./words.ts";

const EDGES_TOLD = 40;

export function OfLine({ line, nodes, shown }: { line: Line; nodes: ReadonlyMap<string, Node>; shown: readonly Shown[] }) {
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
      {!one && <Several edges={line.edges} nameOf={nameOf} />}
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

function Several({ edges, nameOf }: { edges: readonly Edge[]; nameOf: (id: string) => string }) {
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
