// Which months the map counts: all, those up to a date, or two dates beside each other.
import { useState } from "react";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Button, TextField } from "../parts/form.tsx";
import { Drop } from "../parts/overlay.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { MONTHS, type View } from "./view.ts";
import { own } from "./words.ts";

type Mode = "all" | "at" | "two";

/** The same day a year before. */
export function yearBefore(day: string): string {
  const text = `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;
  return text.endsWith("-02-29") ? text.replace("-29", "-28") : text;
}

function Form({ place, view, asOf }: { place: Place; view: View; asOf: string }) {
  const say = useSay(own);
  const [mode, setMode] = useState<Mode>(view.before ? "two" : view.asOf || view.months ? "at" : "all");
  const [at, setAt] = useState(view.asOf ?? asOf);
  const [before, setBefore] = useState(view.before ?? yearBefore(asOf));
  const [after, setAfter] = useState(view.after ?? asOf);
  const [months, setMonths] = useState(String(view.months ?? MONTHS));
  const two = mode === "two";
  const wrong = mode === "all" ? null : !(two ? before && after : at) ? say("time_wrong") : two && before >= after ? say("time_order") : null;
  const apply = (): void => {
    const none = { as_of: null, before: null, after: null, months: null, only: null };
    const asked = two ? { before, after: after === asOf ? null : after, months, color: place.more?.["color"] === "count" ? "count" : "amount" } : mode === "at" ? { as_of: at, months } : {};
    go(withMore(place, { ...none, ...asked }));
  };
  return (
    <div className="times">
      <ChoiceGroup
        name={say("time")}
        value={mode}
        onChange={setMode}
        choices={[
          { value: "all", label: say("time_all") },
          { value: "at", label: say("time_at") },
          { value: "two", label: say("time_two") },
        ]}
      />
      {mode === "at" && <TextField label={say("time_day")} type="date" value={at} onChange={setAt} />}
      {two && <TextField label={say("time_before")} type="date" value={before} onChange={setBefore} />}
      {two && <TextField label={say("time_after")} type="date" value={after} onChange={setAfter} />}
      {mode !== "all" && <TextField label={say("time_months")} inputMode="numeric" value={months} onChange={(text) => setMonths(text.replace(/\D/g, "").slice(0, 3))} />}
      {mode !== "all" && <p className="hint">{say("time_hint")}</p>}
      {wrong && (
        <p className="negative" role="alert">
          {wrong}
        </p>
      )}
      <Button kind="main" slot="close" isDisabled={wrong !== null} onPress={apply}>
        {say("apply")}
      </Button>
    </div>
  );
}

export function Times({ place, view, asOf, told }: { place: Place; view: View; asOf: string; told: string }) {
  const say = useSay(own);
  return (
    <Drop label={say("time_is", { told })}>
      <Form place={place} view={view} asOf={asOf} />
    </Drop>
  );
}
