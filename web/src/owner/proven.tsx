// The third step: what is proven in a few friendly lines, and the one paper that would help most.
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { Button } from "../parts/form.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { Traced } from "../parts/traced.tsx";
import { useSay } from "../say.ts";
import { Onward, type Shown, StepOf, toStep } from "./flow.tsx";
import { useJobs, type Watched } from "./jobs.ts";
import { Standing } from "./papers.tsx";
import { jobsOf } from "./steps.ts";
import { own } from "./words.ts";

export function ProvenStep(shown: Shown) {
  const watched = useJobs(jobsOf(shown.place));
  // Asked again when the build is done: what was read before it is old.
  return <Told {...shown} watched={watched} key={String(watched.settled)} />;
}

function Told({ place, firm, watched }: Shown & { watched: Watched }) {
  const say = useSay(own);
  const told = useAsked(get("/v1/enterprises/{enterprise}/proven", { path: { enterprise: firm.id } }));
  const unseen = told.failure?.code === "enterprise_not_found" || told.failure?.code === "no_snapshot";
  const best = told.data?.best;
  const more = (
    <Button onPress={() => toStep(place, "papers")}>{say(best ? "best_give" : "hand_in")}</Button>
  );
  return (
    <StepOf title={say("proven_title")} place={place} at="proven">
      {!watched.settled && <Standing watched={watched} />}
      {!told.data && !told.failure && <Loading />}
      {told.failure && !unseen && <Failed failure={told.failure} again={told.again} />}
      {unseen && <p>{say("proven_unknown")}</p>}
      {told.data && (
        <>
          <ul className="box proves">
            {told.data.lines.map((line) => (
              <li key={line.code} className={line.proven ? "yes" : "no"}>
                <span className="token" role="img" aria-label={say(line.proven ? "yes_proven" : "not_proven")}>
                  {line.proven ? "✓" : "○"}
                </span>
                <span>
                  {line.text}
                  {line.feature && (
                    <>
                      {" "}
                      <Traced proof={{ of: "feature", enterprise: told.data?.enterprise.id ?? firm.id, name: line.feature }}>{say("evidence")}</Traced>
                    </>
                  )}
                </span>
              </li>
            ))}
          </ul>
          <p className="hint">{say("proven_as_of", { day: told.data.as_of ?? "—" })}</p>
          {best ? (
            <section className="wanted">
              <h2>{say("best")}</h2>
              <p className="what">{best.text}</p>
              <p>{best.why}</p>
              {more}
            </section>
          ) : (
            <p>{say("best_none")}</p>
          )}
        </>
      )}
      {unseen ? <div className="onward">{more}</div> : <Onward label={say("to_apply")} act={() => toStep(place, "apply")} busy={!told.data} />}
    </StepOf>
  );
}
