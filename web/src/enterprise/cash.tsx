// Cash to come: inflow, outflow and balance with intervals, what is known of it, peaks, fixed outlays, shortfall.
import { useCallback, useState } from "react";
import { post, type Schema } from "../asking.ts";
import { count, money, percent, unitName } from "../format.ts";
import { Chart, token } from "../parts/chart.tsx";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Button, TextField } from "../parts/form.tsx";
import { Tile } from "../parts/tile.tsx";
import { Traced } from "../parts/traced.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Block, useFeature } from "./block.tsx";
import { axes, band, line } from "./drawn.ts";
import { fenOf } from "./fields.ts";
import type { Profile, SheetProps } from "./enterprise.tsx";
import { Firm } from "./overview.tsx";
import { own } from "./words.ts";

export type Forecast = Schema<"CashForecast">;
const KNOWN = 20;
const LEVEL = 80;

/** Month or day that a step begins on, as the axis names it. */
export function stepName(step: string, first: string): string {
  return step === "month" ? first.slice(0, 7) : first;
}

function interval(amount: Schema<"CashAmount">): Schema<"CashInterval"> | undefined {
  return amount.intervals.find(({ level }) => level === LEVEL) ?? amount.intervals[0];
}

function Flows({ data, place }: { data: Forecast; place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const option = useCallback(() => {
    const names = data.items.map(({ first }) => stepName(data.step, first));
    const [into, out] = [token("accent"), token("mark")];
    return {
      ...axes(names, (fen) => money(fen, lang, unit)),
      series: [
        ...band(say("inflow"), data.items.map(({ inflow }) => interval(inflow)), into),
        line(say("inflow"), data.items.map(({ inflow }) => inflow.expected_fen), into),
        ...band(say("outflow"), data.items.map(({ outflow }) => interval(outflow)), out),
        line(say("outflow"), data.items.map(({ outflow }) => outflow.expected_fen), out),
      ],
    };
  }, [data, lang, unit, say]);
  const title = say("cash_title", { unit: unitName(lang, unit) });
  return <Chart title={title} option={option} twin={<Twin data={data} title={title} />} key={place.id} />;
}

function Twin({ data, title }: { data: Forecast; title: string }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const cell = (amount: Schema<"CashAmount"> | null) => (
    <td className="number">
      {money(amount?.expected_fen, lang, unit)}
      {amount && (
        <div className="hint">
          {money(interval(amount)?.low_fen, lang, unit)} – {money(interval(amount)?.high_fen, lang, unit)}
        </div>
      )}
    </td>
  );
  return (
    <div className="sideways" tabIndex={0} role="region" aria-label={title}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say("on")}</th>
            {(["inflow", "outflow", "balance"] as const).map((name) => (
              <th key={name} scope="col" className="number">
                {say(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.items.map((item) => (
            <tr key={item.first}>
              <th scope="row">{stepName(data.step, item.first)}</th>
              {cell(item.inflow)}
              {cell(item.outflow)}
              {cell(item.balance)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Balance({ data }: { data: Forecast }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const option = useCallback(() => {
    const color = token("accent");
    return {
      ...axes(data.items.map(({ first }) => stepName(data.step, first)), (fen) => money(fen, lang, unit)),
      series: [
        ...band(say("balance"), data.items.map(({ balance }) => (balance ? interval(balance) : undefined)), color),
        line(say("balance"), data.items.map(({ balance }) => balance?.expected_fen ?? null), color),
      ],
    };
  }, [data, lang, unit, say]);
  const title = say("balance_title", { unit: unitName(lang, unit) });
  return <Chart title={title} option={option} twin={<Twin data={data} title={title} />} height={220} />;
}

function Known({ data, one, place }: { data: Forecast; one: Profile; place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const rows = data.known.slice(0, KNOWN);
  return (
    <section className="box">
      <h2>{say("known_flows")}</h2>
      <div className="sideways" tabIndex={0} role="region" aria-label={say("known_flows")}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{say("on")}</th>
              <th scope="col">{say("what")}</th>
              <th scope="col" className="number">{say("amount", { unit: unitName(lang, unit) })}</th>
              <th scope="col">{say("basis")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((flow, at) => {
              const link = flow.partner ? ({ of: "link", enterprise: one.id, partner: flow.partner.id, side: flow.direction === "in" ? "customers" : "suppliers" } as const) : null;
              return (
                <tr key={at}>
                  <td className="nowrap">
                    {flow.on}
                    {flow.until && flow.until !== flow.on && ` – ${flow.until}`}
                  </td>
                  <td>
                    {flow.label} {flow.partner && <Firm firm={flow.partner} place={place} />}
                  </td>
                  <td className={flow.direction === "out" ? "number negative" : "number"}>
                    <Traced proof={flow.fact ? { of: "fact", fact: flow.fact } : link}>{money(flow.direction === "out" ? -flow.amount_fen : flow.amount_fen, lang, unit)}</Traced>
                  </td>
                  <td>
                    <small>{flow.basis_label}</small>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {data.known_total > rows.length && <p className="hint">{say("known_more", { total: count(data.known_total), n: count(rows.length) })}</p>}
    </section>
  );
}

function Told({ data }: { data: Forecast }) {
  const say = useSay(own);
  return (
    <div className="two">
      <section className="box">
        <h2>{say("peaks")}</h2>
        <ul className="stands">
          {[...data.habits, ...data.fixed].map(({ text }) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </section>
      <section className="box">
        <h2>{say("accuracy")}</h2>
        <ul className="stands">
          {[...data.accuracy, ...data.notes].map(({ text }) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </section>
    </div>
  );
}

/** The step and the opening balance, as they stand in the address. */
export function CashForm({ place }: { place: Place }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const step = place.more?.["step"] === "week" ? "week" : "month";
  const [opening, setOpening] = useState(place.more?.["opening"] ?? "");
  const wrong = opening.trim() !== "" && fenOf(opening, lang) === null;
  return (
    <form
      className="toolbar"
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong) go(withMore(place, { opening: opening.trim() }));
      }}
    >
      <ChoiceGroup
        name={say("step")}
        value={step}
        onChange={(next) => go(withMore(place, { step: next === "month" ? null : next }))}
        choices={[
          { value: "month", label: say("by_step_month") },
          { value: "week", label: say("by_step_week") },
        ]}
      />
      <TextField label={say("opening", { unit: unitName(lang, "middle") })} value={opening} onChange={setOpening} inputMode="decimal" error={wrong ? say("wrong_number") : undefined} hint={say("opening_hint")} />
      <Button type="submit">{say("work_out")}</Button>
    </form>
  );
}

export function Cash({ one, place }: SheetProps) {
  const say = useSay(own);
  const { t, lang, unit } = useSettings();
  const step = place.more?.["step"] === "week" ? "week" : "month";
  const of = useFeature(one.id);
  const opening_fen = fenOf(place.more?.["opening"] ?? "", lang);
  return (
    <div className="stacked">
      <CashForm place={place} />
      <Block title={say("cash")} scope="cashflow:read" plain question={post("/v1/cashflow/forecast", { body: { enterprise: one.id, step, opening_fen } })}>
        {(data) => (
          <>
            <dl className="tiles figures">
              {(["inflow", "outflow"] as const).map((name) => (
                <Tile key={name} name={`${say(name)} (${unitName(lang, unit)})`}>
                  {data.basis === "partial" && <small>{t("at_least")} </small>}
                  <Traced proof={of(name === "inflow" ? "seen_customers" : "seen_suppliers")}>{money(data[name].expected_fen, lang, unit)}</Traced> <small>{say("known_part", { share: percent(data[name].known_share) })}</small>
                </Tile>
              ))}
              <Tile name={say("shortfall")} wide>
                {data.shortfall ? data.shortfall.text : say("shortfall_none")}
              </Tile>
            </dl>
            <Flows data={data} place={place} />
            {data.opening_fen !== null && <Balance data={data} />}
            <p className="hint">
              {say("from_to", { from: data.start, to: data.until })} · {say("with_tax")} · {say("band", { level: LEVEL })}
            </p>
            <Told data={data} />
            <Known data={data} one={one} place={place} />
          </>
        )}
      </Block>
    </div>
  );
}
