// Why a decision was referred: each reason with its effect as a bar, and the papers that it stands on.
import type { Schema } from "../asking.ts";
import { type Proof, Traced } from "../parts/traced.tsx";
import { useSay } from "../say.ts";
import { Bar, signed } from "./bar.tsx";
import { own } from "./words.ts";

type Decision = Schema<"Decision">;
/** Facts that one proof opens. */
const OPENED = 20;

export function Evidence({ facts }: { facts: readonly string[] }) {
  const say = useSay(own);
  if (!facts.length) return <span className="hint">{say("no_evidence")}</span>;
  return <Traced proof={{ of: "facts", facts: facts.slice(0, OPENED) }}>{say("evidence_n", { n: facts.length })}</Traced>;
}

export function Reasons({ decision }: { decision: Decision }) {
  const say = useSay(own);
  const most = Math.max(...decision.reasons.map(({ contribution }) => Math.abs(contribution ?? 0)), 1e-9);
  const proof = (reason: Decision["reasons"][number]): Proof => (reason.feature ? { of: "feature", enterprise: decision.enterprise.id, name: reason.feature } : { of: "decision", decision: decision.decision_id });
  return (
    <section>
      <h3>{say("reasons")}</h3>
      <table className="plain reasons">
        <thead>
          <tr>
            <th scope="col">{say("reason")}</th>
            <th scope="col" className="number">
              {say("contribution")}
            </th>
            <th scope="col" className="number">
              {say("evidence")}
            </th>
          </tr>
        </thead>
        <tbody>
          {decision.reasons.map((reason, at) => (
            <tr key={`${reason.code} ${at}`}>
              <td>
                <Traced proof={proof(reason)}>{reason.text}</Traced> {reason.basis === "inferred" && <span className="tag">{say("inferred")}</span>}
              </td>
              <td className="number">
                {reason.contribution === null ? (
                  <span className="tag">{say("by_rule")}</span>
                ) : (
                  <>
                    <Bar value={reason.contribution} most={most} kind={reason.contribution > 0 ? "bad" : "good"} /> <Traced proof={proof(reason)}>{signed(reason.contribution)}</Traced>
                    <div className="hint">{say(reason.contribution > 0 ? "raises" : "lowers")}</div>
                  </>
                )}
              </td>
              <td className="number">
                <Evidence facts={reason.evidence_ids} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
