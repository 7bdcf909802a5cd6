// An offer in yuan: how much, at which rate, how long, paid back how, and the first instalment.
import { useState } from "react";
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { money, rate } from "../format.ts";
import { Failed, Loading } from "../parts/states.tsx";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Chips } from "./flow.tsx";
import { Plain } from "./reasons.tsx";
import { Take, Taken } from "./take.tsx";
import { own } from "./words.ts";

type Method = Schema<"OfferWay">["method"];

export function Terms({ decision }: { decision: Schema<"Decision"> }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const [method, setMethod] = useState<Method>(decision.offer_answer?.method ?? "equal_instalment");
  const told = useAsked(get("/v1/credit/decisions/{decision}/offer", { path: { decision: decision.decision_id } }));
  const yuan = (fen: number): string => say("yuan", { n: money(fen, lang, "one") });
  if (told.failure?.code === "decision_expired") return <p role="status">{say("expired", { day: decision.valid_until })}</p>;
  if (told.failure?.code === "loan_refused") return <p role="status">{say("loan_refused")}</p>;
  if (told.failure) return <Failed failure={told.failure} again={told.again} />;
  if (!told.data) return <Loading />;
  const offer = told.data;
  const way = offer.ways.find((one) => one.method === method) ?? offer.ways[0];
  const less = offer.amount_fen < decision.requested.amount_fen;
  return (
    <>
      <Taken decision={decision} />
      <section className="box bargain" aria-label={say("offer_title")}>
        <p className="grant">
          <span>{say("limit")}</span>
          <strong>{yuan(offer.amount_fen)}</strong>
          {less && <span>{say("asked_for", { n: money(decision.requested.amount_fen, lang, "one") })}</span>}
        </p>
        <dl>
          <div>
            <dt>{say("rate")}</dt>
            <dd>{rate(offer.rate)}</dd>
          </div>
          <div>
            <dt>{say("term")}</dt>
            <dd>{say("month", { n: offer.months })}</dd>
          </div>
          {decision.offer_answer && way && (
            <div>
              <dt>{say("way")}</dt>
              <dd>{way.method_text}</dd>
            </div>
          )}
        </dl>
        {!decision.offer_answer && <Chips<Method> name={say("way")} value={way?.method ?? method} onChange={setMethod} choices={offer.ways.map((one) => ({ value: one.method, label: one.method_text }))} />}
        {way && (
          <>
            <p className="hint">{say(way.method === "interest_bullet" ? "way_interest_bullet" : "way_equal_instalment")}</p>
            <dl>
              <div>
                <dt>{say("first")}</dt>
                <dd>{say("first_text", { day: way.first_due_on, n: money(way.first_fen, lang, "one") })}</dd>
              </div>
              <div>
                <dt>{say("last")}</dt>
                <dd>{say("first_text", { day: way.last_due_on, n: money(way.last_fen, lang, "one") })}</dd>
              </div>
              <div>
                <dt>{say("interest")}</dt>
                <dd>{yuan(way.interest_fen)}</dd>
              </div>
              <div>
                <dt>{say("valid")}</dt>
                <dd>{offer.valid_until}</dd>
              </div>
            </dl>
          </>
        )}
        <p className="hint">{say("if_today", { day: offer.starts_on, days: offer.day_count })}</p>
      </section>
      {less && <Plain title={say("why_cut")} reasons={decision.reasons.filter(({ code }) => code.startsWith("limit_") || code.includes("exposure") || code.startsWith("bank_limit"))} />}
      {!decision.offer_answer && <Take offer={offer} method={way?.method ?? method} />}
    </>
  );
}
