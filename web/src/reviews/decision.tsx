// A decision that waits for a person: who asks for what, what the machine says, and everything it rests on.
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { day, money, percent, rate, unitName } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Synthetic } from "../parts/tag.tsx";
import { Tile } from "../parts/tile.tsx";
import { Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useLabel, useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { exposureProof } from "../enterprise/decision.tsx";
import { bindsIn, ExposureTable, LimitParts } from "./bounds.tsx";
import { Audits, Otherwise } from "./otherwise.tsx";
import { Reasons } from "./reasons.tsx";
import { own } from "./words.ts";

export type Decision = Schema<"Decision">;

/** The applicant's own words stand above all that the machine says. */
function Objections({ decision }: { decision: Decision }) {
  const say = useSay(own);
  return (
    <>
      {decision.events
        .filter(({ kind }) => kind === "objected")
        .map((event) => (
          <p key={event.at} className="notice" role="note">
            <strong>{say("objection")}</strong> <span className="hint">{say("by_at", { by: event.by, at: day(event.at) })}</span>
            <br />
            {event.why || say("objection_mute")}
          </p>
        ))}
    </>
  );
}

function Asked({ decision }: { decision: Decision }) {
  const say = useSay(own);
  const label = useLabel();
  const { lang, unit } = useSettings();
  const { data } = useAsked(get("/v1/applications/{application}", { path: { application: decision.application_id } }));
  const { requested } = decision;
  return (
    <dl className="facts wide">
      <div>
        <dt>{say("applied")}</dt>
        <dd>
          <Traced proof={{ of: "decision", decision: decision.decision_id }}>
            {money(requested.amount_fen, lang, unit)} <small>{unitName(lang, unit)}</small> · {say("applied_line", { product: label(`product_${requested.product}`), months: requested.months })}
          </Traced>
        </dd>
      </div>
      <div>
        <dt>{say("purpose")}</dt>
        <dd>{data?.purpose_text ?? "…"}</dd>
      </div>
      <div>
        <dt>{say("entered_by")}</dt>
        <dd>{data ? say("by_at", { by: data.by, at: day(data.at) }) : "…"}</dd>
      </div>
      <div>
        <dt>{say("valid_until")}</dt>
        <dd>
          {decision.valid_until} {decision.expired && <span className="tag red">{say("expired")}</span>}
        </dd>
      </div>
    </dl>
  );
}

function Machine({ decision }: { decision: Decision }) {
  const say = useSay(own);
  const label = useLabel();
  const { lang, unit } = useSettings();
  const proof = { of: "decision", decision: decision.decision_id } as const;
  const word = decision.without_person === null ? "machine_open" : decision.without_person === "approved" ? "machine_approved" : "machine_declined";
  return (
    <section>
      <h3>{say("machine")}</h3>
      <p className="machine">
        <b>{say(word)}</b> <span className="hint">{say("machine_said", { status: label(`credit_${decision.machine_status}`) })}</span>
      </p>
      <dl className="tiles">
        <Tile name={say("score_credit")}>
          <Traced proof={proof}>{decision.score}</Traced>
        </Tile>
        <Tile name={say("grade")}>
          <Traced proof={proof}>{decision.grade}</Traced>
        </Tile>
        <Tile name={say("pd")}>
          <Traced proof={proof}>{percent(decision.pd, 2)}</Traced>
        </Tile>
        <Tile name={say("proposed", { unit: unitName(lang, unit) })}>
          <Traced proof={proof}>{money(decision.limit.proposed_fen, lang, unit)}</Traced>
        </Tile>
        <Tile name={say("rate")}>
          <Traced proof={proof}>{rate(decision.rate)}</Traced>
        </Tile>
      </dl>
      {decision.rate_basis && (
        <p className="hint">
          <Traced proof={proof}>{decision.rate_basis.text}</Traced>
        </p>
      )}
    </section>
  );
}

export function DecisionDetail({ decision, place }: { decision: Decision; place: Place }) {
  const say = useSay(own);
  return (
    <article className="box decision">
      <h2>
        <Link to={{ page: "enterprise", id: decision.enterprise.id, more: { sheet: "credit", decision: decision.decision_id }, lang: place.lang }}>
          <Printed>{decision.enterprise.name}</Printed>
        </Link>{" "}
        {decision.synthetic && <Synthetic />} <span className="hint">{decision.decided_on}</span>
      </h2>
      <Objections decision={decision} />
      <Asked decision={decision} />
      <Machine decision={decision} />
      <Reasons decision={decision} />
      <LimitParts decision={decision} />
      <ExposureTable title={say("exposures")} rows={decision.exposures} place={place} proof={(row) => exposureProof(decision.enterprise.id, row)} binds={bindsIn(decision)} />
      <Otherwise decision={decision} />
      <Audits decision={decision} />
    </article>
  );
}
