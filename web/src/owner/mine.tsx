// What an owner has here: applications, loans with the next instalment, what customers owe, and the consents given.
import { useState } from "react";
import { useAsked } from "../answer.ts";
import { get, post, type Schema } from "../asking.ts";
import { money, rate } from "../format.ts";
import { Button } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { Tag } from "../parts/tag.tsx";
import { Traced } from "../parts/traced.tsx";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Sure } from "./deeds.tsx";
import { type Shown, toStep } from "./flow.tsx";
import { consentOf, takeBack } from "./kept.ts";
import { atStep, beijingDay } from "./steps.ts";
import { own } from "./words.ts";

type Application = Schema<"Application">;
const BUYERS = 5;

function useYuan(): (fen: number) => string {
  const { lang } = useSettings();
  return (fen) => money(fen, lang, "one");
}

/** How an application stands: what its owner said to the offer tells more than its state. */
function standing({ state, offer_answer }: Application): keyof typeof own {
  if (offer_answer?.said === "declined") return "stands_declined";
  return state === "decided" && offer_answer ? "stands_accepted" : `stands_${state}`;
}

function Applied({ items, place }: Pick<Shown, "place"> & { items: readonly Application[] }) {
  const say = useSay(own);
  const yuan = useYuan();
  return (
    <section className="box">
      <h2>{say("applications")}</h2>
      <ul className="entries">
        {items.map((one) => (
          <li key={one.id}>
            <span>
              {say("applied_on", { day: beijingDay(one.at), n: yuan(one.amount_fen), months: one.months })} · {say(standing(one))}
            </span>
            {one.state !== "withdrawn" && (
              <Link className="button" to={atStep(place, "offer", { application: one.id })}>
                {say("open_answer")}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Loan({ loan }: { loan: Schema<"LoanBody"> }) {
  const say = useSay(own);
  const yuan = useYuan();
  const running = loan.state === "active";
  const account = useAsked(running ? get("/v1/loans/{loan}", { path: { loan: loan.id } }) : null).data?.account;
  const schedule = useAsked(running ? get("/v1/loans/{loan}/schedule", { path: { loan: loan.id } }) : null).data;
  const next = schedule?.items.find(({ due_on }) => due_on === account?.next_due_on);
  return (
    <li>
      <p>
        {say("loan_line", { n: yuan(loan.amount_fen), rate: rate(loan.rate), months: loan.months })} · {loan.method_text}
      </p>
      {loan.state !== "active" && <p className="hint">{loan.state === "waiting" ? say("waiting") : loan.state_text}</p>}
      {account && (
        <dl>
          {account.next_due_on && (
            <div>
              <dt>{say("next_instalment")}</dt>
              <dd>{next ? say("first_text", { day: next.due_on, n: yuan(next.total_fen) }) : account.next_due_on}</dd>
            </div>
          )}
          <div>
            <dt>{say("outstanding")}</dt>
            <dd>{say("yuan", { n: yuan(account.outstanding_fen) })}</dd>
          </div>
        </dl>
      )}
      {account && account.overdue_days > 0 && (
        <p className="wrong" role="alert">
          {say("overdue", { n: account.overdue_days })}
        </p>
      )}
    </li>
  );
}

function Loans({ firm }: Pick<Shown, "firm">) {
  const say = useSay(own);
  const told = useAsked(get("/v1/loans", { query: { enterprise: firm.id } }));
  if (!told.data?.items.length) return null;
  return (
    <section className="box">
      <h2>{say("loans")}</h2>
      <ul className="entries">
        {told.data.items.map((loan) => (
          <Loan key={loan.id} loan={loan} />
        ))}
      </ul>
    </section>
  );
}

function Owed({ firm }: Pick<Shown, "firm">) {
  const say = useSay(own);
  const yuan = useYuan();
  const told = useAsked(get("/v1/enterprises/{enterprise}/receivables", { path: { enterprise: firm.id }, query: { limit: 1 } })).data;
  if (!told) return null;
  const open = told.buyers.filter(({ open_fen }) => open_fen > 0);
  const overdue = told.buyers.reduce((sum, { overdue_fen }) => sum + overdue_fen, 0);
  return (
    <section className="box">
      <h2>{say("receivables")}</h2>
      {told.open_fen <= 0 ? (
        <p>{say("receivables_none")}</p>
      ) : (
        <>
          <dl>
            <div>
              <dt>{say("receivables_open")}</dt>
              <dd>{say("yuan", { n: yuan(told.open_fen) })}</dd>
            </div>
            {overdue > 0 && (
              <div>
                <dt>{say("receivables_overdue")}</dt>
                <dd>{say("yuan", { n: yuan(overdue) })}</dd>
              </div>
            )}
          </dl>
          <ul className="entries">
            {open.slice(0, BUYERS).map((buyer) => (
              <li key={buyer.id}>
                <span>{buyer.name}</span>
                <Traced proof={{ of: "link", enterprise: told.enterprise.id, partner: buyer.id, side: "customers" }}>{say("yuan", { n: yuan(buyer.open_fen) })}</Traced>
              </li>
            ))}
          </ul>
          {told.buyers_total > BUYERS && open.length > BUYERS && <p className="hint">{say("receivables_more", { n: told.buyers_total - BUYERS })}</p>}
          <p className="hint">{say("by_invoices")}</p>
        </>
      )}
    </section>
  );
}

/** Consents that applications carried, and one given here that none has carried yet. */
function Consents({ items, firm }: Pick<Shown, "firm"> & { items: readonly Application[] }) {
  const say = useSay(own);
  const [, setTaken] = useState(0);
  const today = beijingDay(new Date());
  const holding = items.filter((one) => !one.consent_ended && one.consent.until >= today && one.state !== "withdrawn");
  const ended = items.find((one) => one.consent_ended);
  const here = consentOf(firm.id);
  return (
    <section className="box">
      <h2>{say("my_consent")}</h2>
      {holding.map((one) => (
        <div key={one.id} className="given">
          <p>{say("consent_holds", { from: one.consent.given_on, until: one.consent.until })}</p>
          <Sure
            open={say("take_back")}
            title={say("take_back_title")}
            text={say("take_back_text")}
            what={() => post("/v1/applications/{application}/consent/withdraw", { path: { application: one.id } })}
            after={() => takeBack(firm.id)}
          />
        </div>
      ))}
      {!holding.length && here && (
        <div className="given">
          <p>{say("consent_holds", { from: here.given_on, until: here.until })}</p>
          <Button
            kind="grave"
            onPress={() => {
              takeBack(firm.id);
              setTaken((n) => n + 1);
            }}
          >
            {say("take_back")}
          </Button>
        </div>
      )}
      {!holding.length && !here && <p>{say("consent_none")}</p>}
      {ended?.consent_ended && <p className="hint">{say("consent_ended", { day: beijingDay(ended.consent_ended) })}</p>}
    </section>
  );
}

export function Mine({ place, firm }: Shown) {
  const say = useSay(own);
  const told = useAsked(get("/v1/applications", { query: { enterprise: firm.id, limit: 50 } }));
  const unseen = told.failure?.code === "enterprise_not_found" || told.failure?.code === "no_snapshot";
  const items = told.data?.items ?? [];
  const consented = consentOf(firm.id) !== null;
  return (
    <>
      <h1>{say("title")}</h1>
      <p className="firmname">
        {firm.name ?? say("your_firm")} {told.data && <SyntheticFirm firm={firm} />}
      </p>
      {!told.data && !told.failure && <Loading />}
      {told.failure && !unseen && <Failed failure={told.failure} again={told.again} />}
      {(told.data || unseen) && (
        <>
          {!items.length && <p>{say("lead")}</p>}
          <div className="onward">
            <Button kind="main" onPress={() => toStep(place, consented ? "papers" : "consent")}>
              {say(items.length ? "begin_again" : "begin")}
            </Button>
          </div>
        </>
      )}
      {items.length > 0 && <Applied items={items.slice(0, 5)} place={place} />}
      {told.data && <Loans firm={firm} />}
      {told.data && <Owed firm={firm} />}
      {(told.data || unseen) && <Consents items={items} firm={firm} />}
    </>
  );
}

function SyntheticFirm({ firm }: Pick<Shown, "firm">) {
  const told = useAsked(get("/v1/enterprises/{enterprise}", { path: { enterprise: firm.id } })).data;
  return told?.synthetic ? <Tag word="synthetic" kind="warn" why="synthetic_why" /> : null;
}
