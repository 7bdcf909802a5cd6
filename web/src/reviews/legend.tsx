// The keys of a sheet, always in sight, and the switch that turns them off (WCAG 2.1.4).
import { Checkbox } from "../parts/form.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { own } from "./words.ts";

export type KeyWord = "key_same" | "key_different" | "key_later" | "key_undo" | "key_next" | "key_previous" | "key_approve" | "key_decline" | "key_refuse";

export function Legend({ keys, place }: { keys: readonly (readonly [string, KeyWord])[]; place: Place }) {
  const say = useSay(own);
  const on = place.more?.["keys"] !== "off";
  return (
    <section className="legend-keys" aria-label={say("keys")}>
      <Checkbox isSelected={on} onChange={(now) => go(withMore(place, { keys: now ? null : "off" }), true)}>
        {say("keys_on")}
      </Checkbox>
      {on && (
        <ul>
          {keys.map(([key, word]) => (
            <li key={word}>
              <kbd>{key}</kbd> {say(word)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function keysOn(place: Place): boolean {
  return place.more?.["keys"] !== "off";
}
