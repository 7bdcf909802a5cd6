// Receivables: the sums, what each buyer owes by age, and every invoice with why it is or is not eligible.
import { get, type Schema } from "../asking.ts";
import { count, MISSING, money, percent, unitName } from "../format.ts";
import { Printed } from "../parts/printed.tsx";
import { Empty } from "../parts/states.tsx";
import { Tile } from "../parts/tile.tsx";
import { Traced, worked } from "../parts/traced.tsx";
import { Link } from "../parts/link.tsx";
import { type Place, withMore } from "../route.ts";
import { useLabel, useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Block } from "./block.tsx";
import { Download } from "./download.tsx";
import type { Profile, SheetProps } from "./enterprise.tsx";
import { Firm } from "./overview.tsx";
import { own } from "./words.ts";

type Data = Schema<"Receivables">;
const BUYERS = 40;

function Sums({ data, one }: { data: Data; one: Profile }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const named = { unit: unitName(lang, unit) };
  const sum = (measure: string, fen: number) => <Traced proof={worked("receivables", { enterprise: one.id, measure })}>{money(fen, lang, unit)}</Traced>;
  return (
    <dl className="tiles figures">
      <Tile name={say("recv_open", named)}>{sum("open", data.open_fen)}</Tile>
      <Tile name={say("recv_proven", named)}>{sum("proven", data.proven_fen)}</Tile>
      <Tile name={say("recv_eligible", named)}>{sum("eligible", data.eligible_fen)}</Tile>
      <Tile name={say("recv_if", named)}>{sum("if_proven", data.if_proven_fen)}</Tile>
      {data.figures.map((figure) => (
        <Tile key={figure.name} name={figure.label}>
          <Traced proof={worked("receivables", { enterprise: one.id, measure: figure.name })}>{figure.value === null ? <small>{figure.text}</small> : figure.name === "dso_days" ? count(Math.round(figure.value)) : percent(figure.value, 1)}</Traced>
        </Tile>
      ))}
    </dl>
  );
}

/** What is open by age as one bar; the figures stand in the columns beside it. */
function Ages({ ageing }: { ageing: Schema<"AgeBucket">[] }) {
  const { lang, unit } = useSettings();
  const whole = ageing.reduce((sum, { open_fen }) => sum + Math.max(open_fen, 0), 0);
  return (
    <span className="ages" aria-hidden="true">
      {ageing.map((age, at) => (age.open_fen > 0 ? <i key={age.bucket} className={`age${at}`} style={{ width: `${(age.open_fen / whole) * 100}%` }} title={`${age.label} ${money(age.open_fen, lang, unit)}`} /> : null))}
    </span>
  );
}

function Buyers({ data, one, place }: { data: Data; one: Profile; place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const named = { unit: unitName(lang, unit) };
  const chosen = place.more?.["buyer"];
  return (
    <div className="sideways" tabIndex={0} role="region" aria-label={say("buyer")}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say("buyer")}</th>
            <th scope="col" className="number">{say("recv_open", named)}</th>
            <th scope="col">{say("ageing")}</th>
            {data.ageing.map((age) => (
              <th key={age.bucket} scope="col" className="number">
                {age.label}
              </th>
            ))}
            <th scope="col" className="number">{say("overdue", named)}</th>
            <th scope="col">{say("next_due")}</th>
          </tr>
        </thead>
        <tbody>
          {data.buyers.slice(0, BUYERS).map((buyer) => (
            <tr key={buyer.id} data-chosen={buyer.id === chosen ? "" : undefined}>
              <td>
                <Firm firm={buyer} place={place} />{" "}
                <Link className="hint" to={withMore(place, { buyer: buyer.id })}>
                  {say("papers_of", { n: count(buyer.open_invoices) })}
                </Link>
              </td>
              <td className="number">
                <Traced proof={worked("receivables", { enterprise: one.id, measure: "open", buyer: buyer.id })}>{money(buyer.open_fen, lang, unit)}</Traced>
              </td>
              <td>
                <Ages ageing={buyer.ageing} />
              </td>
              {buyer.ageing.map((age) => (
                <td key={age.bucket} className="number">
                  {age.open_fen ? <Traced proof={worked("receivables", { enterprise: one.id, measure: "open", buyer: buyer.id, bucket: age.bucket })}>{money(age.open_fen, lang, unit)}</Traced> : ""}
                </td>
              ))}
              <td className={buyer.overdue_fen > 0 ? "number negative" : "number"}>
                <Traced proof={worked("receivables", { enterprise: one.id, measure: "overdue", buyer: buyer.id })}>{money(buyer.overdue_fen, lang, unit)}</Traced>
              </td>
              <td className="nowrap">{buyer.next_due_on ?? MISSING}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Invoices({ data, place }: { data: Data; place: Place }) {
  const say = useSay(own);
  const label = useLabel();
  const { lang, unit } = useSettings();
  const buyer = data.buyers.find(({ id }) => id === place.more?.["buyer"]);
  return (
    <section className="box">
      <h2>{buyer ? say("invoices_of", { name: buyer.name }) : say("invoices_all")}</h2>
      {place.more?.["buyer"] && <Link to={withMore(place, { buyer: null })}>{say("all_buyers")}</Link>}
      <div className="sideways" tabIndex={0} role="region" aria-label={say("invoices_all")}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{say("number")}</th>
              <th scope="col">{say("buyer")}</th>
              <th scope="col">{say("issued")}</th>
              <th scope="col">{say("due")}</th>
              <th scope="col" className="number">{say("recv_open", { unit: unitName(lang, unit) })}</th>
              <th scope="col">{say("state")}</th>
              <th scope="col">{say("why_not")}</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((item) => (
              <tr key={item.fact}>
                <td>
                  <Traced proof={{ of: "fact", fact: item.fact }}>
                    <code>{item.number ?? item.fact}</code>
                  </Traced>
                </td>
                <td>
                  <Printed>{item.buyer.name}</Printed>
                </td>
                <td className="nowrap">{item.issued_on}</td>
                <td className="nowrap">
                  {item.due_on} <small title={item.due_text}>{item.due_text}</small>
                </td>
                <td className="number">
                  <Traced proof={{ of: "fact", fact: item.fact }}>{money(item.open_fen, lang, unit)}</Traced>
                </td>
                <td>
                  {item.status_text}
                  {item.unpaid_text && <small> {item.unpaid_text}</small>}
                </td>
                <td>
                  <small>{item.excluded_by.map((code) => data.excluded.find(({ name }) => name === code)?.label ?? label(code)).join("、") || MISSING}</small>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data.note && <p className="hint cut">{data.note}</p>}
    </section>
  );
}

export function Receivables({ one, place }: SheetProps) {
  const say = useSay(own);
  const buyer = place.more?.["buyer"];
  const path = { enterprise: one.id };
  const file = (format: string): string => `/v1/enterprises/${one.id}/receivables/file?format=${format}`;
  return (
    <div className="stacked">
      <Block title={say("receivables")} scope="portfolios:read" plain question={get("/v1/enterprises/{enterprise}/receivables", { path, query: { limit: 1 } })}>
        {(data) =>
          data.buyers.length === 0 ? (
            <Empty>{say("recv_none")}</Empty>
          ) : (
            <>
              <Sums data={data} one={one} />
              <section className="box">
                <div className="boxbar">
                  <h2>{say("receivables")}</h2>
                  <span className="hint">
                    {data.on} · {say("with_tax")}
                  </span>
                  <Download url={file("csv")} name={`receivables-${one.id}.csv`}>{`${say("export")} ${say("as_csv")}`}</Download>
                  <Download url={file("xlsx")} name={`receivables-${one.id}.xlsx`}>{`${say("export")} ${say("as_xlsx")}`}</Download>
                </div>
                <Buyers data={data} one={one} place={place} />
                {data.buyers_total > Math.min(data.buyers.length, BUYERS) && <p className="hint cut">{say("first_shown", { n: count(Math.min(data.buyers.length, BUYERS)), total: count(data.buyers_total) })}</p>}
                {data.notes.map((note) => (
                  <p key={note} className="hint">
                    {note}
                  </p>
                ))}
              </section>
            </>
          )
        }
      </Block>
      <Block title={say("invoices_all")} scope="portfolios:read" plain question={get("/v1/enterprises/{enterprise}/receivables", { path, query: { buyer, limit: 50 } })}>
        {(data) => (data.items.length ? <Invoices data={data} place={place} /> : null)}
      </Block>
    </div>
  );
}
