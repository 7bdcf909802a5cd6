// Manual credit review: what was referred or objected to, one after the other, with the form beside it.
import { useCallback, useState } from "react";
import { useAsked, usePages } from "../answer.ts";
import type { Listing } from "../api.ts";
import { get, type Schema } from "../asking.ts";
import { day, money, unitName } from "../format.ts";
import { AsOf } from "../parts/asof.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { type Decision, DecisionDetail } from "./decision.tsx";
import { useKeys } from "./keys.ts";
import { keysOn, Legend } from "./legend.tsx";
import { Foot, NotRead, Queue, stand } from "./queue.tsx";
import { type Verdict, VerdictForm } from "./verdict.tsx";
import { own } from "./words.ts";

type Row = Schema<"DecisionSummary">;
const PAGE = 50;

/**
 * Takes the writer to the words of the form, so that a verdict by key goes on with why: at once, for the
 * next letter may come before the next frame. False while no form stands.
 */
export function toWords(): boolean {
  const words = document.querySelector<HTMLElement>(".wordform textarea");
  words?.focus();
  return words !== null;
}

/** One decision of the queue with its form. A decision that no longer waits shows what holds instead. */
function One({ id, place, verdict, onVerdict, onDone }: { id: string; place: Place; verdict: Verdict; onVerdict: (verdict: Verdict) => void; onDone: (done: Decision) => void }) {
  const { data, failure, again } = useAsked(get("/v1/credit/decisions/{decision}", { path: { decision: id } }));
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  return (
    <>
      <DecisionDetail decision={data} place={place} />
      <VerdictForm decision={data} verdict={verdict} onVerdict={onVerdict} onDone={onDone} />
    </>
  );
}

export function Credit({ place }: { place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const [said, setSaid] = useState("");
  const read = usePages<Row>((cursor) => get("/v1/credit/decisions", { query: { status: "manual_review", limit: PAGE, cursor } }).url);
  // A page read again after a review may overlap with the next one: each stands once.
  const rows = [...new Map((read.data?.items ?? []).map((row) => [row.decision_id, { ...row, id: row.decision_id }])).values()];
  const wanted = place.more?.["decision"];
  const { at, one, next, previous } = stand(rows, wanted);
  const verdict: Verdict = place.more?.["verdict"] === "declined" ? "declined" : "approved";
  const to = (id: string | null): Place => withMore(place, { decision: id, verdict: null, proof: null });
  const open = (row: { id: string } | null): void => {
    if (row) go(to(row.id), true);
  };
  const choose = (to_: Verdict): void => go(withMore(place, { verdict: to_ === "approved" ? null : to_ }), true);
  const byKey = (to_: Verdict): void => {
    if (toWords()) choose(to_);
  };
  const done = useCallback(
    (made: Decision) => {
      const name = made.enterprise.name;
      setSaid(made.status === "approved" ? say("reviewed_approved", { name, amount: money(made.limit.amount_fen, lang, "one") }) : say("reviewed_declined", { name }));
      const rest = rows.filter(({ id }) => id !== made.decision_id);
      go(to(rest[Math.min(at, rest.length - 1)]?.id ?? null), true);
    },
    [rows, at, place],
  );
  useKeys(keysOn(place), { j: () => open(next), down: () => open(next), k: () => open(previous), up: () => open(previous), a: () => byKey("approved"), d: () => byKey("declined") });

  if (read.failure) return <NotRead failure={read.failure} again={read.again} none="none_referred" />;
  return (
    <>
      <div className="toolbar">
        <Legend place={place} keys={[["A", "key_approve"], ["D", "key_decline"], ["J ↓", "key_next"], ["K ↑", "key_previous"]]} />
        {read.data && <AsOf answer={read.data as Listing<Row>} />}
      </div>
      <p className="said" role="status">
        {said}
      </p>
      {!read.data && <Loading />}
      {read.data && !one && !read.more && <Empty>{said ? say("credit_done") : say("none_referred")}</Empty>}
      {wanted !== undefined && one && one.id !== wanted && !said && <p className="hint">{say("gone")}</p>}
      {one && (
        <div className="deskrow three">
          <Queue
            open={one.id}
            items={rows.map((row) => ({
              id: row.id,
              to: to(row.id),
              children: (
                <>
                  <Printed>{row.enterprise.name}</Printed>
                  <small>
                    {money(row.requested_fen, lang, unit)} {unitName(lang, unit)} · {row.score} · {row.grade}
                  </small>
                  <small>{day(row.at)}</small>
                </>
              ),
            }))}
            foot={<Foot shown={rows.length} more={read.more} busy={read.moreState === "busy"} />}
          />
          <One key={one.id} id={one.id} place={place} verdict={verdict} onVerdict={choose} onDone={done} />
        </div>
      )}
    </>
  );
}
