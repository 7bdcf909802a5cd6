// A person's word on a referred decision: approve with a limit or decline, the kind of reason and the words for it.
import { useState } from "react";
import { useDeed } from "../answer.ts";
import { post, type Schema } from "../asking.ts";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Button, Select, TextField } from "../parts/form.tsx";
import { money } from "../format.ts";
import { useLabel, useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { fenOf } from "./amount.ts";
import { leave, submitted } from "./typing.ts";
import { own } from "./words.ts";

type Decision = Schema<"Decision">;
type Said = Schema<"ReviewAsked">;
export type Verdict = Said["status"];

const REASONS: Readonly<Record<Verdict, readonly Said["reason"][]>> = {
  approved: ["papers_seen", "talked_to", "listing_explained", "security_given", "policy_exception"],
  declined: ["risk_too_high", "papers_doubtful", "not_needed", "papers_seen", "talked_to"],
};
const LEAST_WORDS = 5;

/** Whether a word goes against the machine, as the server counts it. */
export function overrides(decision: Pick<Decision, "without_person" | "limit">, verdict: Verdict, fen: number | null): boolean {
  const against = decision.without_person !== null && decision.without_person !== verdict;
  return against || (verdict === "approved" && (fen ?? 0) > decision.limit.proposed_fen);
}

export function VerdictForm({ decision, verdict, onVerdict, onDone }: { decision: Decision; verdict: Verdict; onVerdict: (verdict: Verdict) => void; onDone: (done: Decision) => void }) {
  const say = useSay(own);
  const label = useLabel();
  const { lang } = useSettings();
  const proposed = decision.limit.proposed_fen;
  const [yuan, setYuan] = useState(proposed > 0 ? money(proposed, lang, "one") : "");
  const [reasons, setReasons] = useState<Partial<Record<Verdict, Said["reason"]>>>({});
  const [why, setWhy] = useState("");
  const { act, busy, failure } = useDeed<Decision>(onDone);
  const fen = fenOf(yuan);
  const reason = reasons[verdict] ?? null;
  const most = decision.requested.amount_fen;
  const wrong = verdict !== "approved" || !yuan ? undefined : fen === null ? say("limit_wrong") : fen <= 0 || fen > most ? say("limit_most", { requested: money(most, lang, "one") }) : undefined;
  const ready = reason !== null && why.trim().length >= LEAST_WORDS && (verdict === "declined" || (fen !== null && !wrong));
  const submit = (): void => {
    if (!ready || busy || reason === null) return;
    act(post("/v1/credit/decisions/{decision}/review", { path: { decision: decision.decision_id }, body: { status: verdict, limit_fen: verdict === "approved" ? fen : null, reason, why: why.trim() } }));
  };
  return (
    <form className="box wordform" aria-label={say("your_word")} onSubmit={(event) => (event.preventDefault(), submit())} onKeyDown={(event) => (submitted(event) ? submit() : leave(event))}>
      <h2>{say("your_word")}</h2>
      <ChoiceGroup
        name={say("verdict")}
        value={verdict}
        onChange={onVerdict}
        choices={[
          { value: "approved", label: say("approve") },
          { value: "declined", label: say("decline") },
        ]}
      />
      {verdict === "approved" && <TextField label={say("limit_yuan")} value={yuan} onChange={setYuan} inputMode="decimal" error={wrong} hint={say("limit_hint", { proposed: money(proposed, lang, "one"), requested: money(most, lang, "one") })} />}
      <Select label={say("reason_kind")} value={reason} onChange={(kind) => setReasons((now) => ({ ...now, [verdict]: kind }))} choices={REASONS[verdict].map((value) => ({ value, label: label(`review_${value}`) }))} />
      <TextField label={say("why")} hint={say("why_hint")} rows={4} value={why} onChange={setWhy} maxLength={2000} name="why" />
      {overrides(decision, verdict, fen) && (
        <p className="notice" role="note">
          {say("override")}
        </p>
      )}
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
