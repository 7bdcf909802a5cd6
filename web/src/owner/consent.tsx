// The first step: what is read, for what, until when, and that it can be taken back; one button. The text is the bank's data.
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { Failed, Loading } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import { useSay } from "../say.ts";
import { Onward, type Shown, StepOf, toStep } from "./flow.tsx";
import { agree, consentOf } from "./kept.ts";
import { own } from "./words.ts";

export function ConsentStep({ place, firm, synthetic }: Shown & { synthetic: boolean }) {
  const say = useSay(own);
  const held = consentOf(firm.id);
  // What was agreed to before is shown as it was then.
  const { data: text, failure, again } = useAsked(get("/v1/consent", { query: held ? { version: held.text, given_on: held.given_on } : {} }));
  return (
    <StepOf title={say("consent_title")} place={place} at="consent">
      {failure && <Failed failure={failure} again={again} />}
      {!failure && !text && <Loading />}
      {text && (
        <>
          <p>
            {say("consent_firm", { firm: firm.name ?? say("your_firm"), n: text.parts.length })} {synthetic && <Synthetic />}
          </p>
          <dl className="box pledge">
            {text.parts.map((part) => (
              <div key={part.code}>
                <dt>{part.title}</dt>
                <dd>{part.text}</dd>
              </div>
            ))}
          </dl>
          <p className="hint">{text.machine}</p>
          <Onward
            label={held ? say("next") : say("agree")}
            act={() => {
              if (!held) agree(firm.id, text);
              toStep(place, "papers");
            }}
          />
          {held && <p className="hint">{say("agreed", { until: held.until })}</p>}
          <p className="hint">{say("consent_law", { law: text.law, text: text.version })}</p>
        </>
      )}
    </StepOf>
  );
}
