// A credit decision in short: what was decided and why, each reason with the facts that it names.
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { PanelHeading } from "../parts/heading.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { proven } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { own } from "./words.ts";

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
    </>
  );
}
