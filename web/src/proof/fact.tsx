// One fact: what it says, on which papers it stands, and what it supports.
import type { ReactNode } from "react";
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { count, decimal, money, percent, sentence, unitName } from "../format.ts";
import { PanelHeading } from "../parts/heading.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import { proven, Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { own } from "./words.ts";

type Fact = Schema<"FactAnswer">;
type Value = Schema<"FactValue">;

/** A value as a page writes it: money in yuan, shares in percent, codes in words, parties as links. */
function Written({ value, place }: { value: Value; place: Place }): ReactNode {
  const { lang } = useSettings();
  if (value.enterprise) {
    return (
      <Link to={{ page: "enterprise", id: value.enterprise.id, lang: place.lang }}>
        <Printed>{value.text ?? value.enterprise.name}</Printed>
      </Link>
    );
  }
  switch (value.unit) {
    case "fen":
      return (
        <>
          {money(Number(value.value), lang, "one")} <small>{unitName(lang, "one")}</small>
        </>
      );
    case "share":
      return percent(Number(value.value), 2);
    case "number":
      return decimal(value.value);
    default:
      return <Printed>{value.text ?? value.value}</Printed>;
  }
}

function Lines({ table, place }: { table: Schema<"FactTable">; place: Place }) {
  const first = table.rows[0] ?? [];
  return (
    <section>
      <h3>{sentence(table.label)}</h3>
      <div className="sideways" tabIndex={0} role="region" aria-label={table.label}>
        <table className="plain">
          <thead>
            <tr>
              {first.map((value) => (
                <th key={value.name} scope="col" className={value.unit === "text" || value.unit === "date" ? undefined : "number"}>
                  {sentence(value.label)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, at) => (
              <tr key={at}>
                {first.map(({ name, unit }) => {
                  const value = row.find((one) => one.name === name);
                  return (
                    <td key={name} className={unit === "text" || unit === "date" ? undefined : "number"}>
                      {value && <Written value={value} place={place} />}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Papers({ fact, place }: { fact: Fact; place: Place }) {
  const say = useSay(own);
  return (
    <section>
      <h3>{say("stands_on")}</h3>
      <ul className="stands">
        {fact.papers.map((paper) => (
          <li key={`${paper.id} ${paper.row ?? 0}`}>
            <Link to={{ page: "document", id: paper.id, more: { fact: fact.fact, ...(paper.row ? { row: String(paper.row) } : {}) }, lang: place.lang }} aria-label={`${say("open_paper")}: ${paper.name}`}>
              <Printed>{paper.name.split("/").at(-1)}</Printed>
            </Link>{" "}
            {paper.row !== null && <span className="hint">{say("row", { n: count(paper.row) })}</span>} {paper.counts && fact.papers.length > 1 && <span className="tag good">{say("counts")}</span>}
            {paper.synthetic && <Synthetic />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Upwards: the link of the graph, and the decisions that name it. */
function Uses({ fact, place }: { fact: Fact; place: Place }) {
  const say = useSay(own);
  const { link } = fact;
  return (
    <section>
      <h3>{say("used_by")}</h3>
      <ul className="stands">
        {link && (
          <li>
            <Traced proof={{ of: "link", enterprise: link.seller.id, partner: link.buyer.id, side: "customers" }}>{say("link", { seller: link.seller.name, buyer: link.buyer.name, n: count(link.count) })}</Traced>
          </li>
        )}
        {fact.decisions.map((decision) => (
          <li key={decision.id}>
            <Link to={proven(place, { of: "decision", decision: decision.id })}>{say("decision", { id: decision.id.slice(0, 8), status: decision.status_text })}</Link>
          </li>
        ))}
      </ul>
      {fact.decisions_total > fact.decisions.length && <p className="hint">{say("decisions_cut", { n: count(fact.decisions_total), shown: count(fact.decisions.length) })}</p>}
      {!link && fact.decisions.length === 0 && <p className="hint">{say("not_used")}</p>}
    </section>
  );
}

export function FactProof({ place, fact, small }: { place: Place; fact: string; small?: boolean }) {
  const { data, failure, again } = useAsked(get("/v1/facts/{fact}", { path: { fact } }));
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  const number = data.values.find(({ name }) => name === "number");
  const title = `${sentence(data.kind_text)}${number ? ` ${number.value}` : ""}`;
  return (
    <article>
      {small ? (
        <h3>
          <Link to={proven(place, { of: "fact", fact })}>{title}</Link>
        </h3>
      ) : (
        <PanelHeading>{title}</PanelHeading>
      )}
      <dl className="facts">
        {data.values
          .filter(({ name }) => name !== "number" && name !== "kind")
          .map((value) => (
            <div key={value.name}>
              <dt>{sentence(value.label)}</dt>
              <dd className={value.unit === "fen" && value.value.startsWith("-") ? "negative" : undefined}>
                <Written value={value} place={place} />
              </dd>
            </div>
          ))}
      </dl>
      {!small && data.tables.map((table) => <Lines key={table.name} table={table} place={place} />)}
      <Papers fact={data} place={place} />
      {!small && <Uses fact={data} place={place} />}
    </article>
  );
}
