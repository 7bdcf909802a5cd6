// Who is who: pairs that may be one firm, decided one after the other by keyboard, and taken back by one key.
import { useState } from "react";
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { count, day, MISSING, money, unitName } from "../format.ts";
import { AsOf } from "../parts/asof.tsx";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Button, TextField } from "../parts/form.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Loading } from "../parts/states.tsx";
import { Traced, worked } from "../parts/traced.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { signed } from "./bar.tsx";
import { useKeys } from "./keys.ts";
import { keysOn, Legend } from "./legend.tsx";
import { PairTable } from "./pair.tsx";
import { usePairs } from "./pairs.ts";
import { Foot, NotRead, Queue, stand } from "./queue.tsx";
import { type Pair, following, type Verdict, type View, viewOf, VIEWS } from "./sitting.ts";
import { own } from "./words.ts";

const VERDICTS = [
  ["S", "same"],
  ["D", "different"],
  ["L", "later"],
] as const;
const SAID = { same: "said_same", different: "said_different", later: "said_later", undo: "said_undo" } as const;

const namesOf = (pair: Pair): string => `${pair.left.name} / ${pair.right.name}`;

/** What was decided of a pair, by whom and why. */
function Stands({ decided }: { decided: NonNullable<Pair["decided"]> }) {
  const say = useSay(own);
  return (
    <p className="stood">
      <strong>{say(`stands_${decided.decision}`)}</strong> <span className="hint">{say("by_at", { by: decided.by, at: day(decided.at) })}</span>
      {decided.why && <span> — {decided.why}</span>}
    </p>
  );
}

export function Who({ place }: { place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const view: View = VIEWS.find((one) => one === place.more?.["state"]) ?? "open";
  const wanted = place.more?.["pair"];
  const [why, setWhy] = useState("");
  const [said, setSaid] = useState("");
  const read = usePairs(view);
  const pairs = read.pairs ?? [];
  const queue = stand(pairs, wanted);
  // What the address names and this queue does not hold is read by itself: it may be decided, or further down.
  const apart = useAsked(wanted !== undefined && read.pairs && !read.last && !pairs.some(({ id }) => id === wanted) ? get("/v1/reviews/{review}", { path: { review: wanted } }) : null);
  const alone: Pair | null = apart.data ? { ...apart.data, score: apart.data.score ?? 0, impact_fen: apart.data.impact_fen ?? 0 } : null;
  const one = alone ?? queue.one;
  const asked = apart.data?.asked ?? true;
  const { at } = queue;
  const next = alone ? queue.one : queue.next;
  const previous = alone ? null : queue.previous;
  const to = (pair: Pair | null, state: View = view): Place => withMore(place, { state: state === "open" ? null : state, pair: pair?.id ?? null });
  const open = (pair: Pair | null): void => {
    if (pair) go(to(pair), true);
  };
  const rule = (verdict: Verdict): void => {
    if (!one) return;
    read.decide(one, verdict, why.trim());
    setWhy("");
    setSaid(say(SAID[verdict], { pair: namesOf(one) }));
    const stays = viewOf({ decision: verdict, by: "", at: "", why: "" }) === view;
    open(stays ? next : following(pairs.filter(({ id }) => id !== one.id), at));
  };
  const takeBack = (): void => {
    const deed = read.undo();
    setSaid(deed ? say("said_undo", { pair: namesOf(deed.pair) }) : say("nothing_to_undo"));
    if (deed) go(to(deed.pair, viewOf(deed.before)), true);
  };
  useKeys(keysOn(place), { s: () => rule("same"), d: () => rule("different"), l: () => rule("later"), u: takeBack, j: () => open(next), down: () => open(next), k: () => open(previous), up: () => open(previous) });

  if (read.failure) return <NotRead failure={read.failure} again={read.again} none="none_open" />;
  return (
    <>
      <div className="toolbar">
        <ChoiceGroup name={say("state")} value={view} onChange={(state) => go(withMore(place, { state: state === "open" ? null : state, pair: null }))} choices={VIEWS.map((value) => ({ value, label: say(value, { n: read.totals ? count(read.totals[value]) : "…" }) }))} />
        <Legend place={place} keys={[["S", "key_same"], ["D", "key_different"], ["L", "key_later"], ["U", "key_undo"], ["J ↓", "key_next"], ["K ↑", "key_previous"]]} />
        {read.asOf && <AsOf answer={read.asOf} />}
      </div>
      <p className="said" role="status">
        {said}
      </p>
      {read.refused && (
        <p className="wrong" role="alert">
          {say("not_taken", { pair: namesOf(read.refused.pair), why: read.refused.failure.detail })}
        </p>
      )}
      {!read.pairs && <Loading />}
      {read.pairs && !one && (
        <Empty>
          <p>{read.last && view === "open" ? say("sitting_done") : say(`none_${view}`)}</p>
          {read.last && <Button onPress={takeBack}>{say("key_undo")}</Button>}
        </Empty>
      )}
      {one && (
        <div className="deskrow">
          <Queue
            open={alone ? null : one.id}
            items={pairs.map((pair) => ({
              id: pair.id,
              to: to(pair),
              children: (
                <>
                  <Printed>{pair.left.name}</Printed>
                  <Printed>{pair.right.name}</Printed>
                  <small>
                    {money(pair.impact_fen, lang, unit)} {unitName(lang, unit)} · {signed(pair.score)} {pair.tie && <span className="tag warn">{say("tie")}</span>}
                  </small>
                </>
              ),
            }))}
            foot={<Foot shown={pairs.length} more={read.more} busy={read.busy} />}
          />
          <article className="box onepair">
            <h2>
              <Printed>{one.left.name}</Printed> <span className="hint">/</span> <Printed>{one.right.name}</Printed>
            </h2>
            {wanted !== undefined && wanted !== one.id && apart.failure && <p className="hint">{say("gone")}</p>}
            {alone && <p className="hint">{say(asked ? "alone" : "asked_no_more")}</p>}
            {read.standing(one) && <Stands decided={read.standing(one)!} />}
            <dl className="tiles">
              <div className="tile">
                <dt>{say("impact", { unit: unitName(lang, unit) })}</dt>
                <dd>
                  <Traced proof={worked("pair", { review: one.id })}>{asked ? money(one.impact_fen, lang, unit) : MISSING}</Traced>
                </dd>
              </div>
              <div className="tile">
                <dt>{say("score")}</dt>
                <dd>{asked ? <Traced proof={worked("pair", { review: one.id })}>{signed(one.score)}</Traced> : MISSING}</dd>
              </div>
              <div className="tile wide">
                <dt>{alone ? say("place_apart") : say("place_of", { n: count(at + 1), total: count(read.totals?.[view] ?? pairs.length) })}</dt>
                <dd className="hint">
                  {say("impact_why")} {one.tie && <span className="tag warn">{say("tie")}</span>}
                </dd>
              </div>
            </dl>
            <PairTable key={one.id} pair={{ ...one, asked }} place={place} />
            <form className="verdicts" onSubmit={(event) => event.preventDefault()}>
              <TextField label={say("why_optional")} hint={say("why_kept")} value={why} onChange={setWhy} maxLength={500} onKeyDown={(event) => event.key === "Escape" && event.target instanceof HTMLElement && event.target.blur()} />
              <div className="deeds">
                {VERDICTS.map(([key, verdict]) => (
                  <Button key={verdict} kind={verdict === "same" ? "main" : "plain"} onPress={() => rule(verdict)}>
                    {say(`key_${verdict}`)} <kbd aria-hidden="true">{key}</kbd>
                  </Button>
                ))}
                <Button kind="quiet" isDisabled={!read.last} onPress={takeBack}>
                  {say("key_undo")} <kbd aria-hidden="true">U</kbd>
                </Button>
              </div>
            </form>
          </article>
        </div>
      )}
    </>
  );
}
