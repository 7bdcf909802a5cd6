// The first step: what is read, for what, until when, and that it can be taken back; one button.
import { Synthetic } from "../parts/tag.tsx";
import { useSay } from "../say.ts";
import { Onward, type Shown, StepOf, toStep } from "./flow.tsx";
import { agree, consentOf } from "./kept.ts";
import { CONSENT, year } from "./steps.ts";
import { own } from "./words.ts";

export function ConsentStep({ place, firm, synthetic }: Shown & { synthetic: boolean }) {
  const say = useSay(own);
  const held = consentOf(firm.id);
  const { from, until } = held ?? year(new Date());
  const said = [
    ["consent_what", say("consent_what_text")],
    ["consent_for", say("consent_for_text")],
    ["consent_until", say("consent_until_text", { from, until })],
    ["consent_back", say("consent_back_text")],
  ] as const;
  return (
    <StepOf title={say("consent_title")} place={place} at="consent">
      <p>
        {say("consent_firm", { firm: firm.name ?? say("your_firm") })} {synthetic && <Synthetic />}
      </p>
      <dl className="box pledge">
        {said.map(([name, text]) => (
          <div key={name}>
            <dt>{say(name)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">{say("consent_machine")}</p>
      <Onward
        label={held ? say("next") : say("agree")}
        act={() => {
          if (!held) agree(firm.id);
          toStep(place, "papers");
        }}
      />
      {held && <p className="hint">{say("agreed", { until: held.until })}</p>}
      <p className="hint">{say("consent_law", { text: CONSENT.text })}</p>
    </StepOf>
  );
}
