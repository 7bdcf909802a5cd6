// Credit: the latest decision (or the one that the address names), earlier ones, and an application to decide.
import { useState } from "react";
import { useAsked, useDeed } from "../answer.ts";
import { get, post, type Schema } from "../asking.ts";
import { count, MISSING, money, unitName } from "../format.ts";
import { Button, Checkbox, Select, TextField } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Failed } from "../parts/states.tsx";
import { Traced } from "../parts/traced.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useLabel, useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { Block } from "./block.tsx";
import { Decision } from "./decision.tsx";
import type { Profile, SheetProps } from "./enterprise.tsx";
import { dayAfter, fenOf, isDay, today } from "./fields.ts";
import { own } from "./words.ts";

const PRODUCTS = ["working_capital", "receivables", "order"] as const;
const PURPOSES = ["raw_materials", "orders", "wages", "rent_utilities", "tax", "other_working_capital"] as const;
const YEAR = 364;

interface Entered {
  product: (typeof PRODUCTS)[number];
  purpose: (typeof PURPOSES)[number];
  amount: string;
  months: string;
  consent: boolean;
  text: string;
  from: string;
  until: string;
}

function body(entered: Entered, enterprise: string): Schema<"ApplicationAsked"> {
  return {
    enterprise,
    product: entered.product,
    amount_fen: fenOf(entered.amount, "zh") ?? 0,
    months: Number(entered.months),
    purpose: entered.purpose,
    documents: [],
    consent: { text: entered.text.trim(), scope: ["enterprise_graph", "invoices", "bank_statements"], purpose: "credit_decision", given_on: entered.from, until: entered.until },
  };
}

/** An application on behalf of the firm, decided at once. */
function Apply({ one, place, after }: { one: Profile; place: Place; after: () => void }) {
  const say = useSay(own);
  const label = useLabel();
  const start = today();
  const [entered, setEntered] = useState<Entered>({ product: "working_capital", purpose: "raw_materials", amount: "100", months: "12", consent: false, text: "", from: start, until: dayAfter(start, YEAR) });
  const [checked, setChecked] = useState(false);
  const decide = useDeed<Schema<"Decision">>((made) => {
    after();
    go(withMore(place, { decision: made.decision_id }));
  });
  const apply = useDeed<Schema<"Application">>((made) => decide.act(post("/v1/credit/decisions", { body: { application: made.id } })));
  const put = (change: Partial<Entered>): void => setEntered({ ...entered, ...change });
  const wrong = {
    amount: (fenOf(entered.amount, "zh") ?? 0) > 0 ? undefined : say("wrong_number"),
    months: Number.isInteger(Number(entered.months)) && Number(entered.months) > 0 ? undefined : say("wrong_number"),
    text: entered.text.trim() ? undefined : say("needed"),
    from: isDay(entered.from) ? undefined : say("wrong_date"),
    until: isDay(entered.until) ? undefined : say("wrong_date"),
  };
  const told = (name: keyof typeof wrong) => (checked ? wrong[name] : undefined);
  const failure = apply.failure ?? decide.failure;
  return (
    <form
      className="applying"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(true);
        if (entered.consent && Object.values(wrong).every((one_) => one_ === undefined)) apply.act(post("/v1/applications", { body: body(entered, one.id) }));
      }}
    >
      <Select label={say("product")} value={entered.product} onChange={(product) => put({ product })} choices={PRODUCTS.map((value) => ({ value, label: label(`product_${value}`) }))} />
      <TextField label={say("apply_amount")} value={entered.amount} onChange={(amount) => put({ amount })} inputMode="decimal" error={told("amount")} />
      <TextField label={say("apply_months")} value={entered.months} onChange={(months) => put({ months })} inputMode="numeric" error={told("months")} />
      <Select label={say("purpose")} value={entered.purpose} onChange={(purpose) => put({ purpose })} choices={PURPOSES.map((value) => ({ value, label: label(`purpose_${value}`) }))} />
      <TextField label={say("consent_text")} value={entered.text} onChange={(text) => put({ text })} error={told("text")} />
      <TextField label={say("consent_from")} value={entered.from} onChange={(from) => put({ from })} error={told("from")} />
      <TextField label={say("consent_until")} value={entered.until} onChange={(until) => put({ until })} error={told("until")} />
      <div className="whole">
        <Checkbox isSelected={entered.consent} onChange={(consent) => put({ consent })} isInvalid={checked && !entered.consent}>
          {say("consent")}
        </Checkbox>
        {checked && !entered.consent && <p className="wrong">{say("needed")}</p>}
      </div>
      <Button kind="main" type="submit" isDisabled={apply.busy || decide.busy}>
        {say("decide")}
      </Button>
      {failure && (
        <div className="whole">
          <Failed failure={failure} again={() => (apply.clear(), decide.clear())} />
        </div>
      )}
    </form>
  );
}

function Earlier({ items, open, place }: { items: Schema<"DecisionSummary">[]; open: string | undefined; place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  return (
    <div className="sideways" tabIndex={0} role="region" aria-label={say("decisions_table")}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say("at")}</th>
            <th scope="col">{say("decision")}</th>
            <th scope="col">{say("grade")}</th>
            <th scope="col" className="number">{say("asked_unit", { unit: unitName(lang, unit) })}</th>
            <th scope="col" className="number">{say("limit", { unit: unitName(lang, unit) })}</th>
            <th scope="col">{say("valid")}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.decision_id}>
              <td className="nowrap">{item.at.slice(0, 10)}</td>
              <td>
                <Link to={withMore({ ...place }, { sheet: "credit", decision: item.decision_id })} aria-current={item.decision_id === open ? "true" : undefined}>
                  {item.status_text}
                </Link>
              </td>
              <td>
                <Traced proof={{ of: "decision", decision: item.decision_id }}>{item.grade}</Traced>
              </td>
              <td className="number">
                <Traced proof={{ of: "decision", decision: item.decision_id }}>{money(item.requested_fen, lang, unit)}</Traced>
              </td>
              <td className="number">{item.status === "manual_review" ? MISSING : <Traced proof={{ of: "decision", decision: item.decision_id }}>{money(item.limit_fen, lang, unit)}</Traced>}</td>
              <td className="nowrap">{item.valid_until}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Decisions({ one, place }: SheetProps) {
  const say = useSay(own);
  return (
    <Block title={say("decisions")} scope="credit:read" question={get("/v1/credit/decisions", { query: { enterprise: one.id } })}>
      {(data) => (data.items.length ? <Earlier items={data.items} open={place.more?.["decision"]} place={place} /> : <p className="hint">{say("no_decision")}</p>)}
    </Block>
  );
}

/** Applications, and those that nobody decided yet. */
export function Applications({ one, place }: SheetProps) {
  const say = useSay(own);
  const { can } = useSession();
  const { lang, unit } = useSettings();
  const { act, busy, failure, clear } = useDeed<Schema<"Decision">>((made) => go(withMore(place, { sheet: "credit", decision: made.decision_id })));
  return (
    <Block title={say("applications")} scope="credit:read" question={get("/v1/applications", { query: { enterprise: one.id } })}>
      {(data) => (
        <>
          {failure && <Failed failure={failure} again={clear} />}
          <ul className="stands">
            {data.items.map((item) => (
              <li key={item.id}>
                {item.at.slice(0, 10)} · {item.product_text} ·{" "}
                <Traced proof={item.decision ? { of: "decision", decision: item.decision } : null}>
                  {money(item.amount_fen, lang, unit)} {unitName(lang, unit)} · {say("months_n", { n: count(item.months) })}
                </Traced>{" "}
                · {item.purpose_text} <span className="tag">{item.state_text}</span>{" "}
                {item.decision ? (
                  <Link to={withMore(place, { sheet: "credit", decision: item.decision })}>{say("open")}</Link>
                ) : (
                  item.state === "applied" && can("credit:decide") && <Button kind="quiet" isDisabled={busy} onPress={() => act(post("/v1/credit/decisions", { body: { application: item.id } }))}>{say("decide_now")}</Button>
                )}
              </li>
            ))}
            {!data.items.length && <li className="hint">{say("none")}</li>}
          </ul>
        </>
      )}
    </Block>
  );
}

export function Credit({ one, place }: SheetProps) {
  const say = useSay(own);
  const { can } = useSession();
  const list = useAsked(can("credit:read") ? get("/v1/credit/decisions", { query: { enterprise: one.id } }) : null);
  const named = place.more?.["decision"] ?? list.data?.items[0]?.decision_id;
  const may = can("credit:apply") && can("credit:decide");
  return (
    <div className="stacked">
      {named && /^[0-9a-f]{16}$/.test(named) && (
        <Block title={say("decision")} scope="credit:read" plain question={get("/v1/credit/decisions/{decision}", { path: { decision: named } })}>
          {(data) => <Decision data={data} one={one} place={place} key={data.decision_id} />}
        </Block>
      )}
      <Decisions one={one} place={place} key={`decisions ${named ?? ""}`} />
      {can("credit:read") && <Applications one={one} place={place} key={`applications ${named ?? ""}`} />}
      {may && (
        <section className="box noprint">
          <h2>{say("apply")}</h2>
          <Apply one={one} place={place} after={list.again} />
        </section>
      )}
    </div>
  );
}

