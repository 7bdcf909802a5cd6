// What every step shares: the progress line, its heading, and the buttons that lead on.
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { go, type Place } from "../route.ts";
import { useSay } from "../say.ts";
import { atStep, STEPS, type Step } from "./steps.ts";
import { own } from "./words.ts";

/** The firm that the page is about: its id, and its name where anybody has seen it. */
export interface Firm {
  id: string;
  name: string | null;
}

export interface Shown {
  place: Place;
  firm: Firm;
}

export function Progress({ place, at }: { place: Place; at: Step }) {
  const say = useSay(own);
  const n = STEPS.indexOf(at);
  return (
    <nav className="trail" aria-label={say("steps", { n: n + 1, total: STEPS.length })}>
      <ol>
        {STEPS.map((step, i) => (
          <li key={step} className={i < n ? "past" : i === n ? "now" : "ahead"} aria-current={i === n ? "step" : undefined}>
            {i < n ? <Link to={atStep(place, step, step === "offer" ? {} : { application: null })}>{say(`step_${step}`)}</Link> : <span>{say(`step_${step}`)}</span>}
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** A step: its heading takes the focus when the step is come to, so that readers of the screen hear it. */
export function StepOf({ title, children, place, at }: { title: ReactNode; children: ReactNode; place: Place; at: Step }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }, [at]);
  return (
    <>
      <Progress place={place} at={at} />
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  );
}

/** The one thing to press, and what may be pressed instead. */
export function Onward({ label, act, busy, also }: { label: string; act: () => void; busy?: boolean; also?: ReactNode }) {
  return (
    <div className="onward">
      <Button kind="main" onPress={act} isDisabled={busy === true}>
        {label}
      </Button>
      {also}
    </div>
  );
}

/** Chips of which one is chosen: radio buttons, large enough for a thumb. */
export function Chips<T extends string | number>({ name, value, choices, onChange }: { name: string; value: T | null; choices: readonly { value: T; label: string }[]; onChange: (value: T) => void }) {
  return (
    <fieldset className="picks">
      <legend>{name}</legend>
      <div>
        {choices.map((choice) => (
          <label key={choice.value}>
            <input type="radio" name={name} value={choice.value} checked={choice.value === value} onChange={() => onChange(choice.value)} />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function toStep(place: Place, step: Step | null, change: Parameters<typeof atStep>[2] = {}): void {
  go(atStep(place, step, change));
}
