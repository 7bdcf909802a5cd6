// Taking an offer, in one tap, and what happens then; or turning it down. Whoever is not the owner says how they know.
import { useState } from "react";
import { useDeed } from "../answer.ts";
import { post, type Schema } from "../asking.ts";
import { money } from "../format.ts";
import { Button, TextField } from "../parts/form.tsx";
import { Dialog } from "../parts/overlay.tsx";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { useAgain } from "./deeds.tsx";
import { Onward } from "./flow.tsx";
import { own } from "./words.ts";

type Decision = Schema<"Decision">;
type Method = Schema<"OfferWay">["method"];

export function Take({ offer, method }: { offer: Schema<"Offer">; method: Method }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const { outside } = useSession();
  const [why, setWhy] = useState("");
  const again = useAgain();
  const deed = useDeed<Decision>(again);
  const n = money(offer.amount_fen, lang, "one");
  return (
    <>
      {!outside && <TextField label={say("for_them_why")} hint={say("for_them")} value={why} onChange={setWhy} maxLength={2000} />}
      {deed.failure && (
        <p className="wrong" role="alert">
          {deed.failure.detail}
        </p>
      )}
      <Onward
        label={say(outside ? "take" : "take_for_them", { n })}
        busy={deed.busy}
        act={() => deed.act(post("/v1/credit/decisions/{decision}/acceptance", { path: { decision: offer.decision }, body: { amount_fen: offer.amount_fen, method, why } }))}
      />
      <p className="hint">{say("take_hint", { day: offer.valid_until })}</p>
    </>
  );
}

/** What was said, and what happens next. */
export function Taken({ decision }: { decision: Decision }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const said = decision.offer_answer;
  if (!said) return null;
  const n = money(said.amount_fen, lang, "one");
  return (
    <section className="taken" role="status">
      <p className="what">{say(said.for_customer ? "taken_for_you" : "taken", { day: said.said_on, n })}</p>
      <h2>{say("next_title")}</h2>
      <ol>
        <li>{say("next_contract", { day: decision.valid_until })}</li>
        <li>{say("next_pay")}</li>
        <li>{say("next_owe")}</li>
      </ol>
    </section>
  );
}

export function TurnDown({ decision }: { decision: string }) {
  const say = useSay(own);
  const { outside } = useSession();
  const [asks, setAsks] = useState(false);
  const [why, setWhy] = useState("");
  const again = useAgain();
  const deed = useDeed<Decision>(() => {
    setAsks(false);
    again();
  });
  return (
    <>
      <Button kind="grave" onPress={() => setAsks(true)}>
        {say("turn_down")}
      </Button>
      <Dialog title={say("turn_down_title")} open={asks} onClose={() => setAsks(false)}>
        <div className="sure">
          <p>{say("turn_down_text")}</p>
          <TextField label={say(outside ? "turn_down_why" : "for_them_why")} value={why} onChange={setWhy} rows={2} maxLength={2000} error={deed.failure?.detail} />
          <Button kind="grave" isDisabled={deed.busy} onPress={() => deed.act(post("/v1/credit/decisions/{decision}/declining", { path: { decision }, body: { why } }))}>
            {say("turn_down")}
          </Button>
          <Button onPress={() => setAsks(false)}>{say("cancel")}</Button>
        </div>
      </Dialog>
    </>
  );
}
