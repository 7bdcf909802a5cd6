// Loan approval: loans that wait for a second pair of eyes, one after the other.
import { useState } from "react";
import { usePages } from "../answer.ts";
import { get } from "../asking.ts";
import { day, money, unitName } from "../format.ts";
import { AsOf } from "../parts/asof.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Loading } from "../parts/states.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { toWords } from "./credit.tsx";
import { useKeys } from "./keys.ts";
import { keysOn, Legend } from "./legend.tsx";
import { ApprovalForm, type Loan, LoanDetail, type LoanSaid } from "./loan.tsx";
import { Foot, NotRead, Queue, stand } from "./queue.tsx";
import { own } from "./words.ts";

const PAGE = 50;

export function Loans({ place }: { place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const [said, setSaid] = useState("");
  const read = usePages<Loan>((cursor) => get("/v1/loans", { query: { state: "waiting", limit: PAGE, cursor } }).url);
  // A page read again may overlap with the next one: each stands once.
  const rows = [...new Map((read.data?.items ?? []).map((loan) => [loan.id, loan])).values()];
  const wanted = place.more?.["loan"];
  const { at, one, next, previous } = stand(rows, wanted);
  const verdict: LoanSaid = place.more?.["verdict"] === "refused" ? "refused" : "approved";
  const to = (id: string | null): Place => withMore(place, { loan: id, verdict: null, proof: null });
  const open = (loan: Loan | null): void => {
    if (loan) go(to(loan.id), true);
  };
  const choose = (to_: LoanSaid): void => go(withMore(place, { verdict: to_ === "approved" ? null : to_ }), true);
  const byKey = (to_: LoanSaid): void => {
    if (toWords()) choose(to_);
  };
  const done = (loan: Loan): void => {
    const name = loan.borrower.name;
    if (loan.state === "waiting") setSaid(say("loan_waiting", { name, n: loan.approvals_needed - loan.approvals.length }));
    else setSaid(say(loan.state === "refused" ? "loan_refused" : "loan_active", { name }));
    // Whether it is dealt with or others go on with it: the next one comes up.
    const rest = rows.filter(({ id }) => id !== loan.id);
    go(to(rest[Math.min(at, rest.length - 1)]?.id ?? null), true);
  };
  useKeys(keysOn(place), { j: () => open(next), down: () => open(next), k: () => open(previous), up: () => open(previous), a: () => byKey("approved"), r: () => byKey("refused") });

  if (read.failure) return <NotRead failure={read.failure} again={read.again} none="none_waiting" />;
  return (
    <>
      <div className="toolbar">
        <Legend place={place} keys={[["A", "key_approve"], ["R", "key_refuse"], ["J ↓", "key_next"], ["K ↑", "key_previous"]]} />
        {read.data && <AsOf answer={read.data} />}
      </div>
      <p className="said" role="status">
        {said}
      </p>
      {!read.data && <Loading />}
      {read.data && !one && <Empty>{said ? say("loans_done") : say("none_waiting")}</Empty>}
      {wanted !== undefined && one && one.id !== wanted && !said && <p className="hint">{say("gone")}</p>}
      {one && (
        <div className="deskrow three">
          <Queue
            open={one.id}
            items={rows.map((loan) => ({
              id: loan.id,
              to: to(loan.id),
              children: (
                <>
                  <Printed>{loan.borrower.name}</Printed>
                  <small>
                    {money(loan.amount_fen, lang, unit)} {unitName(lang, unit)} · {say("approvals_of", { n: loan.approvals.length, needed: loan.approvals_needed })}
                  </small>
                  <small>
                    {loan.entered_by} · {day(loan.entered_at)}
                  </small>
                </>
              ),
            }))}
            foot={<Foot shown={rows.length} more={read.more} busy={read.moreState === "busy"} />}
          />
          <LoanDetail key={one.id} loan={one} place={place} />
          <ApprovalForm key={`form ${one.id}`} loan={one} verdict={verdict} onVerdict={choose} onDone={done} />
        </div>
      )}
    </>
  );
}
