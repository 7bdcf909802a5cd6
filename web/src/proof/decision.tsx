// A credit decision in short: what was decided and why, each reason with the facts that it names.
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { PanelHeading } from "../parts/heading.tsx";
import { Link } from "../parts/link.tsx";
import { money, percent, unitName } from "../format.ts";
import { Printed } from "../parts/printed.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { proven, Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { own } from "./words.ts";

type Decision = Schema<"Decision">;
/** The feature whose papers a part of the limit rests on. */
const FEATURE: Readonly<Record<string, string>> = { sales: "log_sales", receivables: "log_receivables" };

/** What came out, the parts of the limit, the partners left out one by one, and the versions of it all. */
function Figures({ data }: { data: Decision }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const alone = data.observed_only;
  return (
    <>
      <section>
        <h3>{say("figures")}</h3>
        <p>{say("result", { grade: data.grade, score: data.score, pd: percent(data.pd, 2) })}</p>
        <p className="hint">{say("alone", { grade: alone.grade, score: alone.score, pd: percent(alone.pd, 2) })}</p>
        <p className="hint">
          {say("requested")} {money(data.requested.amount_fen, lang, unit)} {unitName(lang, unit)}
        </p>
        {data.rate_basis && <p className="hint">{data.rate_basis.text}</p>}
      </section>
      <section>
        <h3>{say("limit_parts", { unit: unitName(lang, unit) })}</h3>
        <table className="plain">
          <tbody>
            {data.limit.parts.map((part) => {
              const name = FEATURE[part.name];
              return (
                <tr key={part.name}>
                  <td>
                    {part.text} {part.name === data.limit.bound_by && <span className="tag good">{say("binds")}</span>}
                  </td>
                  <td className="number">
                    <Traced proof={name ? { of: "feature", enterprise: data.enterprise.id, name } : null}>{money(part.amount_fen, lang, unit)}</Traced>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      {data.dealings.length > 0 && (
        <section>
          <h3>{say("effects")}</h3>
          <table className="plain">
            <tbody>
              {data.dealings.map((dealing) => (
                <tr key={dealing.partner.id + dealing.side}>
                  <td>
                    <Printed>{dealing.partner.name}</Printed>
                  </td>
                  <td className="number">
                    <Traced proof={{ of: "link", enterprise: data.enterprise.id, partner: dealing.partner.id, side: dealing.side === "customer" ? "customers" : "suppliers" }}>
                      {percent(dealing.sound, 2)} → {percent(dealing.sound_without, 2)}
                    </Traced>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <p className="hint">{say("versions", { policy: data.policy_version, model: data.model_version, features: data.feature_set_version, snapshot: data.graph_snapshot })}</p>
    </>
  );
}

export function DecisionProof({ place, decision }: { place: Place; decision: string }) {
  const say = useSay(own);
  const { data, failure, again } = useAsked(get("/v1/credit/decisions/{decision}", { path: { decision } }));
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  return (
    <>
      <PanelHeading>{say("decision", { id: decision.slice(0, 8), status: data.status_text })}</PanelHeading>
      <p>
        <Link to={{ page: "enterprise", id: data.enterprise.id, more: { sheet: "credit", decision }, lang: place.lang }}>
          <Printed>{data.enterprise.name}</Printed>
        </Link>{" "}
        <span className="hint">{data.decided_on}</span>
      </p>
      <section>
        <h3>{say("reasons")}</h3>
        <ul className="stands">
          {data.reasons.map((reason) => (
            <li key={reason.code + (reason.feature ?? "")}>
              {reason.text}
              <div className="hint">
                {reason.feature && <Link to={proven(place, { of: "feature", enterprise: data.enterprise.id, name: reason.feature })}>{say("feature")}</Link>} {reason.evidence_ids.length > 0 && <Link to={proven(place, { of: "facts", facts: reason.evidence_ids.slice(0, 20) })}>{say("facts")}</Link>}
              </div>
            </li>
          ))}
        </ul>
      </section>
      <Figures data={data} />
    </>
  );
}
