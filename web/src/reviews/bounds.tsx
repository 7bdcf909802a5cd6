// What bounds an amount: the parts of the limit, and exposures before and after with the one that binds.
import type { Schema } from "../asking.ts";
import { MISSING, money, percent, unitName } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { type Proof, Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useLabel, useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Use } from "./bar.tsx";
import { own } from "./words.ts";

type Decision = Schema<"Decision">;
/** The feature whose papers a part of the limit rests on. */
const FEATURE: Readonly<Record<string, string>> = { sales: "log_sales", receivables: "log_receivables" };

export function LimitParts({ decision }: { decision: Decision }) {
  const say = useSay(own);
  const label = useLabel();
  const { lang, unit } = useSettings();
  const { limit, enterprise } = decision;
  return (
    <section>
      <h3>{say("limit")}</h3>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say("limit_part")}</th>
            <th scope="col" className="number">
              {say("amount", { unit: unitName(lang, unit) })}
            </th>
          </tr>
        </thead>
        <tbody>
          {limit.parts.map((part) => {
            const name = FEATURE[part.name];
            const called = label(`part_${part.name}`);
            // The server's sentence begins with the name; the amount stands in the column beside it.
            const how = part.amount_fen === null || (part.share !== null && part.share !== 1) ? part.text.replace(called, "").replace(/^[：:]\s*/, "") : "";
            return (
              <tr key={part.name} className={part.applies ? undefined : "aside"}>
                <td>
                  {called} {part.name === limit.bound_by && <span className="tag warn">{say("binds")}</span>} {!part.applies && <span className="tag">{say("not_applied")}</span>}
                  {how && (
                    <div className="hint">
                      <Traced proof={{ of: "decision", decision: decision.decision_id }}>{how}</Traced>
                    </div>
                  )}
                </td>
                <td className="number">{part.amount_fen === null ? MISSING : <Traced proof={name ? { of: "feature", enterprise: enterprise.id, name } : { of: "decision", decision: decision.decision_id }}>{money(part.amount_fen, lang, unit)}</Traced>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

export interface ExposureRow {
  dimension: string;
  dimension_text: string;
  subject: string;
  subject_text: string;
  subject_enterprise: string | null;
  over?: string | null;
  over_text: string | null;
  limit_fen: number;
  before_fen: number;
  after_fen: number;
  source: string;
}

/** Fullest first. `binds`: whether a limit cut or referred what was asked for. */
export function ExposureTable({ title, rows, place, proof, binds }: { title: string; rows: readonly ExposureRow[]; place: Place; proof: (row: ExposureRow) => Proof; binds?: (row: ExposureRow) => boolean }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const share = (row: ExposureRow): number => (row.limit_fen > 0 ? row.after_fen / row.limit_fen : Infinity);
  const sorted = [...rows].sort((a, b) => share(b) - share(a));
  return (
    <section>
      <h3>
        {title} <small>{unitName(lang, unit)}</small>
      </h3>
      {!rows.length && <p className="hint">{say("exposures_none")}</p>}
      {rows.length > 0 && (
        <div className="sideways" data-scrolls tabIndex={0} role="region" aria-label={title}>
          <table className="plain exposures">
            <thead>
              <tr>
                <th scope="col">{say("dimension")}</th>
                <th scope="col" className="number">
                  {say("before")}
                </th>
                <th scope="col" className="number">
                  {say("after")}
                </th>
                <th scope="col" className="number">
                  {say("limit_fen", { unit: unitName(lang, unit) })}
                </th>
                <th scope="col" className="number">
                  {say("used")}
                </th>
              </tr>
            </thead>
            <tbody>
              {sorted.map((row) => (
                <tr key={`${row.dimension} ${row.subject} ${row.over_text ?? ""}`} title={row.source}>
                  <td>
                    {row.dimension_text} {binds?.(row) && <span className="tag warn">{say("binds")}</span>} {row.after_fen > row.limit_fen && <span className="tag red">{say("breaks")}</span>}
                    <div className="hint">
                      {row.subject_enterprise ? (
                        <Link to={{ page: "enterprise", id: row.subject_enterprise, lang: place.lang }}>
                          <Printed>{row.subject_text}</Printed>
                        </Link>
                      ) : (
                        <Printed>{row.subject_text}</Printed>
                      )}
                      {row.over_text && ` · ${row.over_text}`}
                    </div>
                  </td>
                  <td className="number">
                    <Traced proof={proof(row)}>{money(row.before_fen, lang, unit)}</Traced>
                  </td>
                  <td className={row.after_fen > row.limit_fen ? "number negative" : "number"}>
                    <Traced proof={proof(row)}>{money(row.after_fen, lang, unit)}</Traced>
                  </td>
                  <td className="number">
                    <Traced proof={proof(row)}>{money(row.limit_fen, lang, unit)}</Traced>
                  </td>
                  <td className="number">
                    {row.limit_fen > 0 ? <Traced proof={proof(row)}>{percent(share(row), 1)}</Traced> : MISSING} <Use before={row.before_fen} after={row.after_fen} limit={row.limit_fen} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Limits that a decision's rules cut or referred it by. */
export function bindsIn(decision: Decision): (row: ExposureRow) => boolean {
  const said = decision.audits.filter(({ rule, outcome }) => rule.startsWith("exposure_") && (outcome === "cut" || outcome === "refer"));
  return (row) => said.some(({ params }) => params["dimension"] === row.dimension && params["subject"] === row.subject && (params["over"] === undefined || params["over"] === (row as { over?: string | null }).over));
}
