// Idle money: who asks, how much, for how long; the plan as a ladder and as a table.
import { useState } from "react";
import { useDeed } from "../answer.ts";
import { post, type Schema } from "../asking.ts";
import { money, percent, rate, unitName } from "../format.ts";
import { Button, Select, TextField } from "../parts/form.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import { Tile } from "../parts/tile.tsx";
import { type Given, Traced, worked } from "../parts/traced.tsx";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { Quiet } from "./block.tsx";
import type { SheetProps } from "./enterprise.tsx";
import { fenOf, isDay } from "./fields.ts";
import { own } from "./words.ts";

type Plan = Schema<"WealthMatch">;
const LEVELS = ["C1", "C2", "C3", "C4", "C5"] as const;

/** Where a day lies between two, as a percentage. */
export function placeOf(day: string, start: string, until: string): number {
  const whole = Date.parse(until) - Date.parse(start);
  return whole > 0 ? Math.min(Math.max(((Date.parse(day) - Date.parse(start)) / whole) * 100, 0), 100) : 0;
}

/** Each rung as a bar from its first to its last day, as thick as its money. */
/** Asked again in the drawer, a plan comes out the same; `rung`: one rung of it. */
interface PlanProps {
  plan: Plan;
  given: Given;
}

function Ladder({ plan, given }: PlanProps) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  return (
    <figure className="chart">
      <figcaption>{say("ladder")}</figcaption>
      <ol className="ladder">
        {plan.rungs.map((rung, at) => {
          const from = placeOf(rung.buy_on, plan.start, plan.until);
          const width = Math.max(placeOf(rung.money_on, plan.start, plan.until) - from, 1);
          return (
            <li key={`${rung.product.id} ${at}`} title={rung.text}>
              <span className="name">
                <Printed>{rung.product.name}</Printed>
              </span>
              <span className="sway" aria-hidden="true">
                <i style={{ marginLeft: `${from}%`, width: `${width}%` }} />
              </span>
              <span className="number">
                <Traced proof={worked("wealth", { ...given, rung: at })}>{money(rung.amount_fen, lang, unit)}</Traced> <small>{rung.money_on}</small>
              </span>
            </li>
          );
        })}
      </ol>
    </figure>
  );
}

function Rungs({ plan, given }: PlanProps) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  return (
    <div className="sideways" tabIndex={0} role="region" aria-label={say("ladder")}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say("product_name")}</th>
            <th scope="col">{say("risk")}</th>
            <th scope="col" className="number">{say("amount", { unit: unitName(lang, unit) })}</th>
            <th scope="col" className="number">{say("share")}</th>
            <th scope="col">{say("buy_on")}</th>
            <th scope="col">{say("money_on")}</th>
            <th scope="col" className="number">{say("scenario_rate")}</th>
            <th scope="col">{say("benchmark")}</th>
          </tr>
        </thead>
        <tbody>
          {plan.rungs.map((rung, at) => {
            const proof = worked("wealth", { ...given, rung: at });
            return (
            <tr key={`${rung.product.id} ${at}`}>
              <td>
                <Printed>{rung.product.name}</Printed>
              </td>
              <td>
                <Traced proof={proof}>{rung.product.level}</Traced>
              </td>
              <td className="number">
                <Traced proof={proof}>{money(rung.amount_fen, lang, unit)}</Traced>
              </td>
              <td className="number">
                <Traced proof={proof}>{percent(rung.share, 1)}</Traced>
              </td>
              <td className="nowrap">{rung.buy_on}</td>
              <td className="nowrap">{rung.money_on}</td>
              <td className="number">
                <Traced proof={proof}>{percent(Number(rung.scenario_rate), 2)}</Traced>
              </td>
              <td title={rung.product.benchmark.warning}>
                <Traced proof={proof}>
                  {rate(rung.product.benchmark.low)} – {rate(rung.product.benchmark.high)}
                </Traced>{" "}
                <small>{rung.product.benchmark.since}—</small>
              </td>
            </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Told({ plan, given }: PlanProps) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const whole = worked("wealth", given);
  return (
    <>
      <dl className="tiles figures">
        <Tile name={say("account", { unit: unitName(lang, unit) })}><Traced proof={whole}>{money(plan.account_fen, lang, unit)}</Traced></Tile>
        <Tile name={plan.scenario.label}><Traced proof={whole}>{percent(Number(plan.scenario.rate), 2)}</Traced></Tile>
        <Tile name={say("risk")} wide>
          <Traced proof={whole}>{plan.risk.text}</Traced> {plan.synthetic && <Synthetic />}
        </Tile>
      </dl>
      <p>
        <Traced proof={whole}>
          {plan.counts.text} · {plan.scenario.text}
        </Traced>
      </p>
      {plan.rungs.length > 0 && (
        <>
          <Ladder plan={plan} given={given} />
          <section className="box">
            <Rungs plan={plan} given={given} />
          </section>
        </>
      )}
      <ul className="hint">
        {plan.notes.map((note) => (
          <li key={note}>{/\d/.test(note) ? <Traced proof={whole}>{note}</Traced> : note}</li>
        ))}
      </ul>
    </>
  );
}

export function Wealth({ one }: SheetProps) {
  const say = useSay(own);
  const { can } = useSession();
  const { lang } = useSettings();
  const cut = one.as_of ?? "";
  const year = Number(cut.slice(0, 4)) || 2026;
  const [entered, setEntered] = useState({ opening: "", reserve: "0", level: "C2" as (typeof LEVELS)[number], assessor: "", assessed_on: `${year}-09-01`, expires_on: `${year + 1}-08-31`, horizon: "180" });
  const [checked, setChecked] = useState(false);
  const { act, busy, done, failure, clear } = useDeed<Plan>();
  const [given, setGiven] = useState<Given>({});
  if (!can("wealth:read")) return <Quiet what={say("wealth")} />;
  const put = (change: Partial<typeof entered>): void => setEntered({ ...entered, ...change });
  const opening = fenOf(entered.opening, lang);
  const wrong = {
    opening: opening !== null && opening > 0 ? undefined : say("wrong_number"),
    assessor: entered.assessor.trim() ? undefined : say("needed"),
    assessed_on: isDay(entered.assessed_on) ? undefined : say("wrong_date"),
    expires_on: isDay(entered.expires_on) ? undefined : say("wrong_date"),
    horizon: Number(entered.horizon) >= 7 && Number(entered.horizon) <= 365 ? undefined : "7–365",
  };
  const told = (name: keyof typeof wrong) => (checked ? wrong[name] : undefined);
  const ask = (): void => {
    setChecked(true);
    if (Object.values(wrong).some((one_) => one_ !== undefined)) return;
    const assessment = { level: entered.level, assessor: entered.assessor.trim(), assessed_on: entered.assessed_on, expires_on: entered.expires_on };
    setGiven({ enterprise: one.id, horizon_days: Number(entered.horizon), opening_fen: opening, reserve_fen: fenOf(entered.reserve, lang) ?? 0, ...assessment });
    act(post("/v1/wealth/matches", { body: { enterprise: one.id, horizon_days: Number(entered.horizon), opening_fen: opening, reserve_fen: fenOf(entered.reserve, lang) ?? 0, customer: { assessment, investor_class: "ordinary", individual_business: null } } }));
  };
  return (
    <div className="stacked">
      <section className="box noprint">
        <p className="hint">{say("wealth_lead")}</p>
        <form
          className="applying"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            ask();
          }}
        >
          <TextField label={say("opening", { unit: unitName(lang, "middle") })} value={entered.opening} onChange={(opening_) => put({ opening: opening_ })} inputMode="decimal" error={told("opening")} />
          <TextField label={say("reserve", { unit: unitName(lang, "middle") })} value={entered.reserve} onChange={(reserve) => put({ reserve })} inputMode="decimal" />
          <Select label={say("risk_level")} value={entered.level} onChange={(level) => put({ level })} choices={LEVELS.map((value) => ({ value, label: value }))} />
          <TextField label={say("assessor")} value={entered.assessor} onChange={(assessor) => put({ assessor })} error={told("assessor")} />
          <TextField label={say("assessed_on")} value={entered.assessed_on} onChange={(assessed_on) => put({ assessed_on })} error={told("assessed_on")} />
          <TextField label={say("expires_on")} value={entered.expires_on} onChange={(expires_on) => put({ expires_on })} error={told("expires_on")} />
          <TextField label={say("horizon")} value={entered.horizon} onChange={(horizon) => put({ horizon })} inputMode="numeric" error={told("horizon")} />
          <Button kind="main" type="submit" isDisabled={busy}>
            {say("plan")}
          </Button>
        </form>
      </section>
      {failure && <Failed failure={failure} again={() => (clear(), ask())} />}
      {done && <Told plan={done} given={given} />}
    </div>
  );
}
