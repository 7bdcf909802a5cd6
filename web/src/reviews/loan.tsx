// A loan that waits: who entered it, on which decision and terms, against what, and who has approved it.
import { useState } from "react";
import { useAsked, useDeed } from "../answer.ts";
import { get, post, type Schema } from "../asking.ts";
import { count, day, money, percent, rate, unitName } from "../format.ts";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Button, TextField } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed } from "../parts/states.tsx";
import { Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useLabel, useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { exposureProof } from "../enterprise/decision.tsx";
import { ExposureTable } from "./bounds.tsx";
import { leave, submitted } from "./typing.ts";
import { own } from "./words.ts";

export type Loan = Schema<"LoanBody">;
export type LoanSaid = Schema<"ApprovalAsked">["verdict"];

/** The decision that it books: in short, who reviewed it, and whether against the machine. */
function Ground({ loan }: { loan: Loan }) {
  const say = useSay(own);
  const label = useLabel();
  const { data, failure, again } = useAsked(get("/v1/credit/decisions/{decision}", { path: { decision: loan.decision } }));
  if (failure) return <Failed failure={failure} again={again} />;
  const reviews = data?.events.filter(({ kind }) => kind === "reviewed") ?? [];
  return (
    <section>
      <h3>{say("decision")}</h3>
      {data && (
        <>
          <p>
            <Traced proof={{ of: "decision", decision: loan.decision }}>{say("decision_line", { score: data.score, grade: data.grade, pd: percent(data.pd, 2) })}</Traced>
          </p>
          <ul className="stands">
            {reviews.map((event) => (
              <li key={event.at}>
                {say("reviewed_by", { by: event.by, status: label(`credit_${event.status}`), kind: label(`review_${event.reason}`) })} {event.override && <span className="tag warn">{say("against_machine")}</span>}
                <div className="hint">{event.why}</div>
              </li>
            ))}
            {!reviews.length && <li className="hint">{say("nobody_reviewed")}</li>}
          </ul>
        </>
      )}
    </section>
  );
}

function Approvals({ loan }: { loan: Loan }) {
  const say = useSay(own);
  return (
    <section>
      <h3>
        {say("approvals")} <small>{say("approvals_of", { n: loan.approvals.length, needed: loan.approvals_needed })}</small>
      </h3>
      {!loan.approvals.length && <p className="hint">{say("approvals_none")}</p>}
      <ul className="stands">
        {loan.approvals.map((one) => (
          <li key={one.by}>
            {one.by} {say(one.verdict === "approved" ? "said_approved" : "said_refused")} <span className="hint">{day(one.at)}</span>
            <div className="hint">{one.why}</div>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function LoanDetail({ loan, place }: { loan: Loan; place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const portfolio = useAsked(get("/v1/portfolios/{portfolio}", { path: { portfolio: loan.portfolio } })).data?.portfolio;
  // Loans that wait are counted in every use, so this one is in it already.
  const uses = useAsked(get("/v1/portfolios/{portfolio}/exposures", { path: { portfolio: loan.portfolio }, query: { enterprise: loan.borrower.id } }));
  return (
    <article className="box decision">
      <h2>
        <Link to={{ page: "enterprise", id: loan.borrower.id, lang: place.lang }}>
          <Printed>{loan.borrower.name}</Printed>
        </Link>
      </h2>
      {loan.override && (
        <p className="notice" role="note">
          <strong>{say("override_of")}</strong>
          <br />
          <Traced proof={{ of: "decision", decision: loan.decision }}>{loan.override}</Traced>
        </p>
      )}
      <dl className="facts wide">
        <div>
          <dt>{say("loan_amount", { unit: unitName(lang, unit) })}</dt>
          <dd>
            <Traced proof={{ of: "decision", decision: loan.decision }}>
              <b>{money(loan.amount_fen, lang, unit)}</b>
            </Traced>
          </dd>
        </div>
        <div>
          <dt>{say("terms")}</dt>
          <dd>
            <Traced proof={{ of: "decision", decision: loan.decision }}>{say("terms_line", { method: loan.method_text, months: loan.months, rate: rate(loan.rate) })}</Traced> <span className="hint">{say("days", { from: loan.starts_on, until: loan.ends_on })}</span>
          </dd>
        </div>
        <div>
          <dt>{say("entered_by")}</dt>
          <dd>{say("by_at", { by: loan.entered_by, at: day(loan.entered_at) })}</dd>
        </div>
        {loan.offer_answer && (
          <div>
            <dt>{say("customer_said")}</dt>
            <dd>
              {say("accepted_on", { day: loan.offer_answer.said_on, by: loan.offer_answer.by })} {loan.offer_answer.for_customer && <span className="hint">{loan.offer_answer.why}</span>}
            </dd>
          </div>
        )}
        <div>
          <dt>{say("portfolio")}</dt>
          <dd>
            <Printed>{portfolio?.name ?? loan.portfolio}</Printed>
          </dd>
        </div>
      </dl>
      <Approvals loan={loan} />
      <Ground loan={loan} />
      {uses.failure && <Failed failure={uses.failure} again={uses.again} />}
      {uses.data?.asked && <ExposureTable title={say("exposures_now")} rows={uses.data.asked.uses.map((use) => ({ ...use, before_fen: Math.max(use.after_fen - loan.amount_fen, 0) }))} place={place} proof={(row) => exposureProof(loan.borrower.id, row, loan.portfolio)} binds={(row) => row.after_fen > row.limit_fen} />}
    </article>
  );
}

export function ApprovalForm({ loan, verdict, onVerdict, onDone }: { loan: Loan; verdict: LoanSaid; onVerdict: (verdict: LoanSaid) => void; onDone: (loan: Loan) => void }) {
  const say = useSay(own);
  const { who } = useSession();
  const [why, setWhy] = useState("");
  const { act, busy, failure } = useDeed<Schema<"LoanAnswer">>((answer) => {
    setWhy("");
    onDone(answer.loan);
  });
  const spoke = loan.approvals.some(({ by }) => by === who?.name);
  const ready = why.trim().length > 0;
  const submit = (): void => {
    if (ready && !busy) act(post("/v1/loans/{loan}/approval", { path: { loan: loan.id }, body: { verdict, why: why.trim() } }));
  };
  return (
    <form className="box wordform" aria-label={say("your_word")} onSubmit={(event) => (event.preventDefault(), submit())} onKeyDown={(event) => (submitted(event) ? submit() : leave(event))}>
      <h2>{say("your_word")}</h2>
      <p className="hint">{say("approvals_of", { n: count(loan.approvals.length), needed: count(loan.approvals_needed) })}</p>
      {spoke && (
        <p className="notice" role="note">
          {say("you_spoke")}
        </p>
      )}
      <ChoiceGroup
        name={say("verdict")}
        value={verdict}
        onChange={onVerdict}
        choices={[
          { value: "approved", label: say("approve") },
          { value: "refused", label: say("refuse") },
        ]}
      />
      <TextField label={say("why")} hint={say("why_loan_hint")} rows={4} value={why} onChange={setWhy} maxLength={500} name="why" />
      {failure && (
        <p className="wrong" role="alert">
          {failure.detail}
        </p>
      )}
      <Button kind={verdict === "approved" ? "main" : "grave"} type="submit" isDisabled={!ready}>
        {say("submit")}
      </Button>
      <p className="hint">{say("submit_keys")}</p>
    </form>
  );
}
