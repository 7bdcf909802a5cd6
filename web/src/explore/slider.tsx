// The time slider: months as a histogram, two thumbs over it, the span in words.
import { Label, Slider, SliderThumb, SliderTrack } from "react-aria-components";
import { money, unitName } from "../format.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Bars } from "./bars.tsx";
import type { View } from "./view.ts";
import { own } from "./words.ts";

export interface Timeline {
  months: readonly string[];
  amount_fen: readonly number[];
}

export function TimeSlider({ time, view, onSlide, onChange }: { time: Timeline; view: View; onSlide: (since: string | null, until: string | null) => void; onChange: (since: string | null, until: string | null) => void }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const { months } = time;
  const end = months.length - 1;
  const at = (month: string | null, otherwise: number): number => {
    const found = month === null ? -1 : months.indexOf(month);
    return found < 0 ? otherwise : found;
  };
  const value = [at(view.since, 0), at(view.until, end)];
  const [first = 0, last = end] = value;
  const span = (ends: number[]): [string | null, string | null] => [ends[0] === 0 ? null : (months[ends[0] as number] ?? null), ends[1] === end ? null : (months[ends[1] as number] ?? null)];
  const whole = view.since === null && view.until === null;
  return (
    <Slider className="times" minValue={0} maxValue={end} step={1} value={value} onChange={(ends) => onSlide(...span(ends))} onChangeEnd={(ends) => onChange(...span(ends))}>
      <div className="timebar">
        <Label>{say("time")}</Label>
        <span>{say("span", { since: months[first] ?? "", until: months[last] ?? "" })}</span>
        {!whole && (
          <button type="button" onClick={() => onChange(null, null)}>
            {say("whole_time")}
          </button>
        )}
        <span className="hint">{say("months", { unit: unitName(lang, unit) })}</span>
      </div>
      <div className="track">
        <Bars values={time.amount_fen} first={first} last={last} label={say("months_of", { first: months[0] ?? "", last: months[end] ?? "" })} titles={months.map((month, index) => `${month} · ${money(time.amount_fen[index], lang, unit)}`)} />
        <SliderTrack className="rail">
          <SliderThumb index={0} className="thumb" aria-label={say("since")} />
          <SliderThumb index={1} className="thumb" aria-label={say("until")} />
        </SliderTrack>
      </div>
    </Slider>
  );
}
