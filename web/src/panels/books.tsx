// How complete the view of an enterprise is: per side what is known, from when to when, and of which months books are in.
import type { Enterprise, OwnMonth } from "../api.ts";
import { count, money, unitName } from "../format.ts";
import { Books } from "../parts/tag.tsx";
import { type Proof, Traced } from "../parts/traced.tsx";
import { useSettings } from "../settings.ts";
import { runs, spanOf } from "./span.ts";

const RUNS_TOLD = 6;

/** The months as a strip, those with own books filled; the sentence under it says the same in words. */
function Months({ own, one, proof }: { own: OwnMonth[]; one: Enterprise; proof: Proof | null }) {
  const { t } = useSettings();
  const invoices = new Map(own.map(({ month, invoices }) => [month.slice(0, 7), invoices]));
  const span = spanOf([...invoices.keys()], one.first, one.last);
  const gaps = runs(span.filter((month) => !invoices.has(month)));
  const told = gaps.slice(0, RUNS_TOLD).map(([from, to]) => (from === to ? from : t("months_range", { from, to })));
  const missing = told.join(", ") + (gaps.length > RUNS_TOLD ? ` ${t("months_more")}` : "");
  return (
    <>
      <div className="strip" aria-hidden="true">
        {span.map((month) => {
          const n = invoices.get(month);
          const why = n === undefined ? t("month_out", { month }) : t("month_in", { month, n: count(n) });
          return <i key={month} className={n === undefined ? undefined : "in"} title={why} />;
        })}
      </div>
      <p className="hint">
        <Traced proof={proof}>{t("months_in", { n: invoices.size, total: span.length })}</Traced>
        {told.length > 0 && (
          <>
            {" · "}
            <Traced proof={proof}>{t("months_missing", { months: missing.replaceAll("-", "\u2011") })}</Traced>
          </>
        )}
      </p>
    </>
  );
}

interface SideOf {
  name: string;
  until: string | null;
  fen: number | null;
  consumers?: number;
  own: OwnMonth[];
  one: Enterprise;
  proof: Proof | null;
}

/** One side: own books until a day, or only what others' papers show, then every figure is "at least". */
function Side({ name, until, fen, consumers = 0, own, one, proof }: SideOf) {
  const { t, lang, unit } = useSettings();
  return (
    <tbody>
      <tr className={own.length ? "joined" : undefined}>
        <th scope="row">{name}</th>
        <td>
          <Books own={until !== null} /> {until !== null && <span className="hint until">{t("until", { date: until })}</span>}
        </td>
        <td className="number">
          {until === null && fen !== null && (
            <span className="hint" title={t("at_least_why")}>
              {t("at_least")}{" "}
            </span>
          )}
          <Traced proof={fen === null ? null : proof}>{money(fen, lang, unit)}</Traced>
          {consumers > 0 && (
            <div className="hint">
              <Traced proof={proof}>{t("of_consumers", { amount: money(consumers, lang, unit) })}</Traced>
            </div>
          )}
          {one.first && one.last && <div className="hint">{t("period", { first: one.first, last: one.last })}</div>}
        </td>
      </tr>
      {own.length > 0 && (
        <tr>
          <td colSpan={3}>
            <Months own={own} one={one} proof={proof} />
          </td>
        </tr>
      )}
    </tbody>
  );
}

/** `proof`: what the amounts of a side rest on, where the page can open it. */
export function BooksOf({ one, proof }: { one: Enterprise; proof?: (side: "sales" | "purchases") => Proof | null }) {
  const { t, lang, unit } = useSettings();
  const { own_books: own } = one;
  return (
    <section>
      <h3>{t("books")}</h3>
      <table className="rows books">
        <thead>
          <tr>
            <th scope="col">{t("side")}</th>
            <th scope="col">{t("source")}</th>
            <th scope="col" className="number">
              {t("amount", { unit: unitName(lang, unit) })}
            </th>
          </tr>
        </thead>
        <Side name={t("sales_side")} until={own.sales_until} fen={one.sales_fen} consumers={one.retail_fen ?? 0} own={own.sales ?? []} one={one} proof={proof?.("sales") ?? null} />
        <Side name={t("purchases_side")} until={own.purchases_until} fen={one.purchases_fen} own={own.purchases ?? []} one={one} proof={proof?.("purchases") ?? null} />
      </table>
    </section>
  );
}
