// The last step: the offer, or a refusal with one thing to do, or a person who decides now; and how to disagree.
import { useState } from "react";
import { useAsked, useDeed } from "../answer.ts";
import { get, post, type Schema } from "../asking.ts";
import { Button } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { ObjectTo, Sure } from "./deeds.tsx";
import { type Shown, StepOf, toStep } from "./flow.tsx";
import { Plain } from "./reasons.tsx";
import { TurnDown } from "./take.tsx";
import { atStep } from "./steps.ts";
import { Terms } from "./terms.tsx";
import { own } from "./words.ts";

type Decision = Schema<"Decision">;
type Application = Schema<"Application">;
const BY_PAPER = new Set(["hand_in_books", "hand_in_statements", "hand_in_contracts", "confirm_receivables"]);

function Refused({ decision, place }: { decision: Decision; place: Place }) {
  const say = useSay(own);
  const advice = decision.advice;
  return (
    <>
      <Plain title={say("refused_why")} reasons={decision.reasons} />
      {advice && (
        <section className="wanted">
          <h2>{say("one_thing")}</h2>
          <p className="what">{decision.advice_text}</p>
          {decision.reapply_text && <p>{decision.reapply_text}</p>}
          <Button onPress={() => toStep(place, BY_PAPER.has(advice) ? "papers" : "apply", { application: null })}>{say(BY_PAPER.has(advice) ? "best_give" : "again")}</Button>
        </section>
      )}
    </>
  );
}

/** What holds now, in the words of the page. */
function Answered({ decision, application, place }: { decision: Decision; application: Application; place: Place }) {
  const say = useSay(own);
  const reviewed = decision.events.some(({ kind }) => kind === "reviewed");
  return (
    <>
      {decision.status === "approved" && application.state === "decided" && <Terms decision={decision} />}
      {decision.status === "declined" && <Refused decision={decision} place={place} />}
      {decision.status === "manual_review" && (
        <>
          <p>{say("person_text")}</p>
          <Plain title={say("person_why")} reasons={decision.events.length ? [] : decision.reasons} />
        </>
      )}
      {decision.status !== "manual_review" && <p className="hint">{say(reviewed ? "by_person" : "by_machine")}</p>}
      <p>
        <Traced proof={{ of: "decision", decision: decision.decision_id }}>{say("reasons_rest")}</Traced>
      </p>
      {application.state === "decided" && (
        <div className="undo">
          {decision.status !== "manual_review" && !reviewed && !decision.offer_answer && <ObjectTo decision={decision.decision_id} />}
          {decision.status === "approved" && !decision.offer_answer && !decision.expired ? (
            <TurnDown decision={decision.decision_id} />
          ) : (
            <Sure
              open={say("withdraw")}
              title={say("withdraw_title")}
              text={say("withdraw_text")}
              what={() => post("/v1/applications/{application}/withdraw", { path: { application: application.id } })}
            />
          )}
        </div>
      )}
    </>
  );
}

function Undecided({ application, again }: { application: Application; again: () => void }) {
  const say = useSay(own);
  const [started, setStarted] = useState(0);
  const deed = useDeed<Decision>(again);
  return (
    <>
      <p>{say("undecided_text")}</p>
      {deed.failure && <Failed failure={deed.failure} again={deed.clear} />}
      <div className="onward">
        <Button
          kind="main"
          isDisabled={deed.busy}
          onPress={() => {
            setStarted(started + 1);
            deed.act(post("/v1/credit/decisions", { body: { application: application.id } }), `decide:${application.id}:${started}`);
          }}
        >
          {say("decide_now")}
        </Button>
        <Sure open={say("withdraw")} title={say("withdraw_title")} text={say("withdraw_text")} what={() => post("/v1/applications/{application}/withdraw", { path: { application: application.id } })} />
      </div>
    </>
  );
}

export function OfferStep({ place }: Shown) {
  const say = useSay(own);
  const id = place.more?.["application"];
  const found = useAsked(id ? get("/v1/applications/{application}", { path: { application: id } }) : null);
  const application = found.data;
  const made = useAsked(application?.decision ? get("/v1/credit/decisions/{decision}", { path: { decision: application.decision } }) : null);
  const decision = made.data;
  const title = (): string => {
    if (application?.offer_answer?.said === "declined") return say("declined_title");
    if (application?.state === "withdrawn") return say("withdrawn_title");
    if (application?.state === "booked") return say("booked_title");
    if (application && !application.decision) return say("undecided_title");
    if (!decision) return say("step_offer");
    if (decision.offer_answer) return say("taken_title");
    return say(decision.status === "approved" ? "offer_title" : decision.status === "declined" ? "refused_title" : "person_title");
  };
  const failed = found.failure ? found : made.failure ? made : null;
  const gone = application?.state === "withdrawn" || application?.state === "booked";
  return (
    <StepOf title={title()} place={place} at="offer">
      {!id && <p>{say("undecided_text")}</p>}
      {failed?.failure && <Failed failure={failed.failure} again={failed.again} />}
      {id && !failed && (!application || (application.decision && !decision)) && <Loading />}
      {application?.state === "withdrawn" && <p>{application.offer_answer ? say("declined_text", { day: application.offer_answer.said_on }) : say("withdrawn_text")}</p>}
      {application?.state === "booked" && <p>{say("booked_text")}</p>}
      {application && !application.decision && application.state === "applied" && <Undecided application={application} again={found.again} />}
      {application && decision && !gone && <Answered decision={decision} application={application} place={place} />}
      <p className="homeward">
        <Link to={atStep(place, null, { application: null, jobs: null })}>{say("home")}</Link>
      </p>
    </StepOf>
  );
}
