// Warnings about the borrowers of a portfolio, and lifting one with a reason.
import { useState } from "react";
import { useAsked, useDeed, usePages } from "../answer.ts";
import { get, post, type Schema } from "../asking.ts";
import { count, day } from "../format.ts";
import { AsOf } from "../parts/asof.tsx";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Button, Select, TextField } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Dialog } from "../parts/overlay.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { type Proof, Traced, worked } from "../parts/traced.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { NotRead } from "./queue.tsx";
import { own } from "./words.ts";

type Portfolio = Schema<"PortfolioBody">;
type Warned = Schema<"WarningBody">;
/** The feature whose papers a warning's figure rests on. */
const FEATURE: Readonly<Record<string, string>> = { invoicing_down: "sales_growth", largest_buyer_gone: "lost_customers", red_up: "sales_red_share", buyer_pays_later: "days_to_pay_change", contagion: "seen_suppliers" };

/** What a warning's figure rests on: the papers of a feature, or, of a loan, what is owed. */
function proofOf({ borrower, code }: Warned): Proof | null {
  const name = FEATURE[code];
  if (name) return { of: "feature", enterprise: borrower.id, name };
  return code === "overdue" ? worked("exposure", { enterprise: borrower.id, dimension: "borrower", subject: borrower.id }) : null;
}

function Lift({ warning, onClose, onDone }: { warning: Warned; onClose: () => void; onDone: (lifted: Warned) => void }) {
  const say = useSay(own);
  const [why, setWhy] = useState("");
  const { act, busy, failure } = useDeed<Schema<"WarningAnswer">>((answer) => onDone(answer.warning));
  return (
    <Dialog title={say("lift_title")} open onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (why.trim() && !busy) act(post("/v1/warnings/{warning}/lift", { path: { warning: warning.id }, body: { why: why.trim() } }));
        }}
      >
        <p>
          <Printed>{warning.borrower.name}</Printed> · {warning.label}
        </p>
        <TextField label={say("lift_why")} value={why} onChange={setWhy} rows={3} maxLength={500} autoFocus />
        {failure && (
          <p className="wrong" role="alert">
            {failure.detail}
          </p>
        )}
        <Button kind="main" type="submit" isDisabled={!why.trim()}>
          {say("lift")}
        </Button>
      </form>
    </Dialog>
  );
}

function Table({ items, place, onLift }: { items: readonly Warned[]; place: Place; onLift: ((warning: Warned) => void) | null }) {
  const say = useSay(own);
  return (
    <div className="sideways box" data-scrolls tabIndex={0} role="region" aria-label={say("sheet_warnings")}>
      <table className="plain">
        <thead>
          <tr>
            {(["borrower", "warning", "action", "found_on", "raised_by"] as const).map((word) => (
              <th key={word} scope="col">
                {say(word)}
              </th>
            ))}
            {onLift && (
              <th scope="col">
                <span className="unseen">{say("lift")}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id}>
              <th scope="row" className="firm">
                <Link to={{ page: "enterprise", id: one.borrower.id, lang: place.lang }}>
                  <Printed>{one.borrower.name}</Printed>
                </Link>
              </th>
              <td>
                {one.label}
                <div className="hint">
                  <Traced proof={proofOf(one)}>{one.text}</Traced>
                </div>
                {one.lifted && <div className="hint">{say("lifted", { by: one.lifted_by ?? "", at: day(one.lifted), why: one.lifted_why ?? "" })}</div>}
              </td>
              <td>
                <span className={one.action === "freeze" || one.action === "cut" ? "tag red" : "tag warn"}>{one.action_text}</span>
              </td>
              <td>{one.found_on}</td>
              <td>{one.by}</td>
              {onLift && (
                <td className="number">
                  {!one.lifted && (
                    <Button onPress={() => onLift(one)} aria-label={`${say("lift")}: ${one.borrower.name}, ${one.label}`}>
                      {say("lift")}
                    </Button>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Of({ portfolio, place, standing }: { portfolio: Portfolio; place: Place; standing: boolean }) {
  const say = useSay(own);
  const { can } = useSession();
  const [lifting, setLifting] = useState<Warned | null>(null);
  const [said, setSaid] = useState("");
  const { data, failure, again } = useAsked(get("/v1/portfolios/{portfolio}/warnings", { path: { portfolio: portfolio.id }, query: { standing } }));
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  return (
    <>
      <p className="said" role="status">
        {said}
      </p>
      {data.items.length === 0 && <Empty>{say(standing ? "no_warnings" : "no_warnings_ever")}</Empty>}
      {data.items.length > 0 && <Table items={data.items} place={place} onLift={can("credit:approve") ? setLifting : null} />}
      <p className="hint cut">
        {say("warnings_n", { n: count(data.total) })} {data.note}
      </p>
      <AsOf answer={data} />
      {lifting && (
        <Lift
          warning={lifting}
          onClose={() => setLifting(null)}
          onDone={(lifted) => {
            setLifting(null);
            setSaid(say("was_lifted", { name: lifted.borrower.name, warning: lifted.label }));
          }}
        />
      )}
    </>
  );
}

export function Warnings({ place }: { place: Place }) {
  const say = useSay(own);
  const read = usePages<Portfolio>((cursor) => get("/v1/portfolios", { query: { limit: 200, cursor } }).url);
  const items = read.data?.items ?? [];
  const open = items.find(({ id }) => id === place.more?.["portfolio"]) ?? items[0];
  const standing = place.more?.["lifted"] !== "1";
  if (read.failure) return <NotRead failure={read.failure} again={read.again} none="no_portfolio" />;
  if (!read.data) return <Loading />;
  if (!open) return <Empty>{say("no_portfolio")}</Empty>;
  return (
    <>
      <div className="toolbar">
        <div className="portfolios">
          <Select label={say("which_portfolio")} value={open.id} choices={items.map(({ id, name }) => ({ value: id, label: name }))} onChange={(portfolio) => go(withMore(place, { portfolio }))} />
        </div>
        {read.more && <Button onPress={read.more}>{say("more")}</Button>}
        <ChoiceGroup
          name={say("state")}
          value={standing ? "standing" : "all"}
          onChange={(value) => go(withMore(place, { lifted: value === "all" }))}
          choices={[
            { value: "standing", label: say("standing") },
            { value: "all", label: say("with_lifted") },
          ]}
        />
      </div>
      <Of key={open.id} portfolio={open} place={place} standing={standing} />
    </>
  );
}
