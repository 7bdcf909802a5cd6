// One credit decision: what, why, within which bounds, what would change it, and whether it can be worked out again.
import { useDeed } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { count, MISSING, money, percent, unitName } from "../format.ts";
import { Button } from "../parts/form.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import { Tile } from "../parts/tile.tsx";
import { type Proof, Traced, worked } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Bars } from "./bars.tsx";
import { useFeature } from "./block.tsx";
import type { Profile } from "./enterprise.tsx";
import { Firm } from "./overview.tsx";
import { own } from "./words.ts";

type Data = Schema<"Decision">;
const FACTS = 20;
const KIND = { approved: "good", declined: "red", manual_review: "warn" } as const;

function Result({ data }: { data: Data }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const proof = { of: "decision", decision: data.decision_id } as const;
  return (
    <dl className="tiles figures">
      <Tile name={say("decision")}>
        <span className={`tag ${KIND[data.status]}`}>{data.status_text}</span> {data.synthetic && <Synthetic />}
      </Tile>
      <Tile name={say(data.limit.amount_fen === 0 || data.status === "manual_review" ? "proposed" : "limit", { unit: unitName(lang, unit) })}>
        <Traced proof={proof}>{money(data.limit.amount_fen || data.limit.proposed_fen, lang, unit)}</Traced>
      </Tile>
      <Tile name={say("grade")}>
        <Traced proof={proof}>{data.grade}</Traced>{" "}
        <small>
          <Traced proof={proof}>{data.score}</Traced>
        </small>
      </Tile>
      <Tile name={say("pd")}>
        <Traced proof={proof}>{percent(data.pd, 2)}</Traced>
      </Tile>
      <Tile name={say("rate")}>{data.rate ? <Traced proof={proof}>{percent(Number(data.rate), 2)}</Traced> : MISSING}</Tile>
      <Tile name={say("term")}>{data.term ? <Traced proof={proof}>{say("months_n", { n: count(data.term) })}</Traced> : MISSING}</Tile>
      <Tile name={say("valid")}>
        {data.valid_until} {data.expired && <small>{say("expired")}</small>}
      </Tile>
      {data.offer_answer && (
        <Tile name={say("customer_said")}>
          <span className={`tag ${data.offer_answer.said === "accepted" ? "good" : "warn"}`}>{data.offer_answer.said_text}</span> <small>{say("said_on", { day: data.offer_answer.said_on, by: data.offer_answer.by })}</small>
        </Tile>
      )}
      {data.acceptance_needed && data.status === "approved" && !data.offer_answer && <Tile name={say("customer_said")}>{say("not_said_yet")}</Tile>}
    </dl>
  );
}

function Reasons({ data, one }: { data: Data; one: Profile }) {
  const say = useSay(own);
  const of = useFeature(one.id);
  return (
    <section className="box">
      <h2>{say("reasons")}</h2>
      <Bars
        rows={data.reasons.map((reason) => ({
          key: `${reason.code} ${reason.feature ?? ""}`,
          value: reason.contribution ?? 0,
          bad: true,
          text: reason.contribution === null ? <span className="tag">{say("by_rule")}</span> : <Traced proof={(reason.feature && of(reason.feature)) || { of: "decision", decision: data.decision_id }}>{`${reason.contribution > 0 ? "+" : "−"}${Math.abs(reason.contribution).toFixed(2)}`}</Traced>,
          name: (
            <>
              <Traced proof={(reason.feature && of(reason.feature)) || { of: "decision", decision: data.decision_id }}>{reason.text}</Traced> <small>{say(reason.direction === "raises_risk" ? "raises" : "lowers")}</small>{" "}
              {reason.evidence_ids.length > 0 && (
                <Traced proof={{ of: "facts", facts: reason.evidence_ids.slice(0, FACTS) }}>
                  <small>{say("papers_open")}</small>
                </Traced>
              )}
            </>
          ),
        }))}
      />
      <p className="hint">{say("reasons_note")}</p>
      <p className="hint">
        <Traced proof={{ of: "decision", decision: data.decision_id }}>{say("observed_only", { grade: data.observed_only.grade, pd: percent(data.observed_only.pd, 2) })}</Traced>
      </p>
      {data.advice_text && (
        <p>
          <strong>{say("advice")}</strong> <Traced proof={{ of: "decision", decision: data.decision_id }}>{data.advice_text}</Traced>
        </p>
      )}
    </section>
  );
}

/** The feature whose papers a part of the limit rests on; what the policy alone sets opens the decision with its versions. */
const FEATURE: Readonly<Record<string, string>> = { sales: "log_sales", receivables: "log_receivables" };
function partProof(data: Data, part: string): Proof {
  const name = FEATURE[part];
  return name ? { of: "feature", enterprise: data.enterprise.id, name } : { of: "decision", decision: data.decision_id };
}

function Parts({ data }: { data: Data }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  return (
    <section className="box">
      <h2>{say("parts")}</h2>
      <table className="plain">
        <tbody>
          {data.limit.parts.map((part) => (
            <tr key={part.name} className={part.applies ? undefined : "faint"}>
              <td>
                <Traced proof={partProof(data, part.name)}>{part.text}</Traced> {part.name === data.limit.bound_by && <span className="tag good">{say("binds")}</span>} {!part.applies && <small>{say("not_bound")}</small>}
              </td>
              <td className="number">
                <Traced proof={partProof(data, part.name)}>{money(part.amount_fen, lang, unit)}</Traced>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">
        {unitName(lang, unit)} · {data.rate_basis && <Traced proof={{ of: "decision", decision: data.decision_id }}>{data.rate_basis.text}</Traced>}
      </p>
    </section>
  );
}

function Without({ data, one, place }: { data: Data; one: Profile; place: Place }) {
  const say = useSay(own);
  if (!data.dealings.length) return null;
  return (
    <section className="box">
      <h2>{say("without")}</h2>
      <ul className="stands">
        {data.dealings.map((dealing) => (
          <li key={dealing.partner.id + dealing.side}>
            <Firm firm={dealing.partner} place={place} />{" "}
            <Traced proof={{ of: "link", enterprise: one.id, partner: dealing.partner.id, side: dealing.side === "customer" ? "customers" : "suppliers" }}>
              <small>{say("papers_of", { n: count(dealing.count) })}</small>
            </Traced>
            <span className={percent(dealing.sound, 2) === percent(dealing.sound_without, 2) ? "effect hint" : dealing.effect < 0 ? "effect negative" : "effect"}>
              <Traced proof={{ of: "decision", decision: data.decision_id }}>
                {percent(dealing.sound, 2)} → {percent(dealing.sound_without, 2)}
              </Traced>
            </span>
            <div className="hint">
              <Printed>{dealing.text}</Printed>
            </div>
          </li>
        ))}
      </ul>
      {data.dealings_total > data.dealings.length && <p className="hint cut">{say("first_shown", { n: count(data.dealings.length), total: count(data.dealings_total) })}</p>}
    </section>
  );
}

/** The loans and approvals that make the use of a limit. */
export function exposureProof(enterprise: string, use: { dimension: string; subject: string; over?: string | null }, portfolio?: string): Proof {
  return worked("exposure", { enterprise, dimension: use.dimension, subject: use.subject, over: use.over, portfolio });
}

function Exposures({ data }: { data: Data }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const title = say("exposures", { unit: unitName(lang, unit) });
  return (
    <section className="box">
      <h2>{title}</h2>
      <div className="sideways" tabIndex={0} role="region" aria-label={title}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{say("dimension")}</th>
              <th scope="col">{say("subject")}</th>
              <th scope="col" className="number">{say("before")}</th>
              <th scope="col" className="number">{say("after")}</th>
              <th scope="col" className="number">{say("most")}</th>
              <th scope="col">{say("used")}</th>
            </tr>
          </thead>
          <tbody>
            {data.exposures.map((use) => {
              const proof = exposureProof(data.enterprise.id, use);
              return (
              <tr key={use.dimension + use.subject + (use.over ?? "")}>
                <td title={use.source}>
                  {use.dimension_text} {use.over_text && <small>{use.over_text}</small>}
                </td>
                <td>
                  <Printed>{use.subject_text}</Printed>
                </td>
                <td className="number">
                  <Traced proof={proof}>{money(use.before_fen, lang, unit)}</Traced>
                </td>
                <td className={use.after_fen > use.limit_fen ? "number negative" : "number"}>
                  <Traced proof={proof}>{money(use.after_fen, lang, unit)}</Traced>
                </td>
                <td className="number">
                  <Traced proof={proof}>{money(use.limit_fen, lang, unit)}</Traced>
                </td>
                <td>
                  <span className="filled" aria-hidden="true">
                    <i style={{ width: `${Math.min((use.after_fen / Math.max(use.limit_fen, 1)) * 100, 100)}%` }} />
                  </span>
                </td>
              </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Versions({ data }: { data: Data }) {
  const say = useSay(own);
  const { act, busy, done, failure, clear } = useDeed<Schema<"Replay">>();
  return (
    <section className="box">
      <details>
        <summary>{say("rules")}</summary>
        <ul className="stands">
          {data.audits.map((audit) => (
            <li key={audit.rule}>
              <code>{audit.rule}</code> {audit.outcome_text} {typeof audit.params["source"] === "string" && <small>{audit.params["source"]}</small>}
            </li>
          ))}
        </ul>
      </details>
      <p className="hint versions">{say("versions_of", { policy: data.policy_version, model: data.model_version, features: data.feature_set_version, snapshot: data.graph_snapshot.slice(0, 8) })}</p>
      <div className="toolbar noprint">
        <Button isDisabled={busy} onPress={() => act(get("/v1/credit/decisions/{decision}/replay", { path: { decision: data.decision_id } }))}>
          {say("replay")}
        </Button>
        <span role="status">{done && say(done.same ? "replay_same" : "replay_other")}</span>
      </div>
      {failure && <Failed failure={failure} again={clear} />}
      {data.events.length > 0 && (
        <ul className="stands">
          {data.events.map((event) => (
            <li key={event.at}>
              {event.at.slice(0, 10)} {event.by}: {event.why}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function Decision({ data, one, place }: { data: Data; one: Profile; place: Place }) {
  return (
    <div className="stacked">
      <Result data={data} />
      <div className="two">
        <Reasons data={data} one={one} />
        <Parts data={data} />
      </div>
      <div className="two">
        <Without data={data} one={one} place={place} />
        <Exposures data={data} />
      </div>
      <Versions data={data} />
    </div>
  );
}
