// What would change a decision: one thing to do, the firm without one partner, and on observed links alone; each rule's word.
import type { Schema } from "../asking.ts";
import { count, money, percent, unitName } from "../format.ts";
import { Printed } from "../parts/printed.tsx";
import { Traced } from "../parts/traced.tsx";
import { useLabel, useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Bar, signed } from "./bar.tsx";
import { own } from "./words.ts";

type Decision = Schema<"Decision">;

function Dealings({ decision }: { decision: Decision }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const most = Math.max(...decision.dealings.map(({ effect }) => Math.abs(effect)), 1e-9);
  return (
    <div className="sideways" data-scrolls tabIndex={0} role="region" aria-label={say("dealings_lead")}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say("partner")}</th>
            <th scope="col" className="number">
              {say("amount", { unit: unitName(lang, unit) })}
            </th>
            <th scope="col" className="number">
              {say("effect")}
            </th>
            <th scope="col" className="number">
              {say("score_without")}
            </th>
          </tr>
        </thead>
        <tbody>
          {decision.dealings.map((one) => (
            <tr key={`${one.partner.id} ${one.side}`} title={one.text}>
              <td>
                <Printed>{one.partner.name}</Printed> <small>{say(one.side === "customer" ? "customer" : "supplier")}</small>
              </td>
              <td className="number">
                <Traced proof={{ of: "link", enterprise: decision.enterprise.id, partner: one.partner.id, side: one.side === "customer" ? "customers" : "suppliers" }}>{money(one.amount_fen, lang, unit)}</Traced>
                <div className="hint">
                  <Traced proof={{ of: "link", enterprise: decision.enterprise.id, partner: one.partner.id, side: one.side === "customer" ? "customers" : "suppliers" }}>{say("invoices_n", { n: count(one.count) })}</Traced>
                </div>
              </td>
              <td className="number">
                <Bar value={one.effect} most={most} kind={one.effect < 0 ? "bad" : "good"} /> <Traced proof={{ of: "decision", decision: decision.decision_id }}>{signed(one.effect, 3)}</Traced>
              </td>
              <td className="number">
                <Traced proof={{ of: "decision", decision: decision.decision_id }}>
                  {one.score_without} <small>{signed(one.score_without - decision.score, 0)}</small>
                </Traced>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Otherwise({ decision }: { decision: Decision }) {
  const say = useSay(own);
  const label = useLabel();
  const alone = decision.observed_only;
  const proof = { of: "decision", decision: decision.decision_id } as const;
  return (
    <section>
      <h3>{say("counterfactual")}</h3>
      {decision.advice_text && <p className="advice">
          <Traced proof={proof}>{decision.advice_text}</Traced>
        </p>}
      <p>
        <b>{say("observed")}</b> <Traced proof={proof}>{say("observed_line", { score: alone.score, grade: alone.grade, pd: percent(alone.pd, 2), model: label(`rule_${alone.model}`) })}</Traced>
        {alone.inferred.length > 0 && <span className="hint"> {say("observed_rests", { features: alone.inferred.map((name) => label(`feature_${name}`)).join("、") })}</span>}
      </p>
      {decision.dealings.length === 0 && <p className="hint">{say("dealings_none")}</p>}
      {decision.dealings.length > 0 && (
        <>
          <p className="hint">{say("dealings_lead")}</p>
          <Dealings decision={decision} />
          {decision.dealings_total > decision.dealings.length && <p className="hint cut">{say("dealings_cut", { n: count(decision.dealings_total), shown: count(decision.dealings.length) })}</p>}
        </>
      )}
    </section>
  );
}

export function Audits({ decision }: { decision: Decision }) {
  const say = useSay(own);
  const label = useLabel();
  const called = (rule: string): string => [rule, `rule_${rule}`, `reason_${rule}`, `list_${rule}`].map((key) => [key, label(key)] as const).find(([key, text]) => key !== text)?.[1] ?? rule;
  return (
    <details>
      <summary>{say("audits", { n: decision.audits.length })}</summary>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say("rule")}</th>
            <th scope="col">{say("outcome")}</th>
          </tr>
        </thead>
        <tbody>
          {decision.audits.map((audit, at) => (
            <tr key={`${audit.rule} ${at}`}>
              <td>{called(audit.rule)}</td>
              <td className={audit.outcome === "pass" ? "hint" : undefined}>{audit.outcome_text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint versions">{say("versions", { model: decision.model_version, policy: decision.policy_version, features: decision.feature_set_version })}</p>
    </details>
  );
}
