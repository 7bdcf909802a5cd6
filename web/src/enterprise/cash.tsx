// Cash to come: inflow, outflow and balance with intervals, what is known of it, peaks, fixed outlays, shortfall.
import { useCallback, useState } from "react";
import { post, type Schema } from "../asking.ts";
import { count, MISSING, money, percent, unitName } from "../format.ts";
import { Chart, token } from "../parts/chart.tsx";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Button, TextField } from "../parts/form.tsx";
import { Tile } from "../parts/tile.tsx";
import { type Proof, Traced, worked } from "../parts/traced.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Block } from "./block.tsx";
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

type Flow = "inflow" | "outflow" | "balance";

/** A figure of the path: of one step, or of all of them. */
export function cashProof(data: Forecast, flow: Flow, first?: string): Proof | null {
  const opening_fen = data.opening_basis === "given" ? data.opening_fen : null;
  return data.of.id === null ? null : worked("cash", { enterprise: data.of.id, flow, step: data.step, first, opening_fen });
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
  const cell = (flow: Flow, item: Schema<"CashStep">) => {
    const amount = item[flow];
    if (!amount) return <td className="number">{MISSING}</td>;
    const proof = cashProof(data, flow, item.first);
    return (
      <td className="number">
        <Traced proof={proof}>{money(amount.expected_fen, lang, unit)}</Traced>
        <div className="hint">
          <Traced proof={proof}>
            {money(interval(amount)?.low_fen, lang, unit)} – {money(interval(amount)?.high_fen, lang, unit)}
          </Traced>
        </div>
      </td>
    );
  };
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
              {cell("inflow", item)}
              {cell("outflow", item)}
              {cell("balance", item)}
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

/** The step that a day falls into. */
function stepOf(data: Forecast, on: string): string | undefined {
  return data.items.find(({ first, last }) => first <= on && on <= last)?.first;
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
                    <Traced proof={flow.fact ? { of: "fact", fact: flow.fact } : (link ?? cashProof(data, flow.direction === "in" ? "inflow" : "outflow", stepOf(data, flow.on)))}>{money(flow.direction === "out" ? -flow.amount_fen : flow.amount_fen, lang, unit)}</Traced>
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
      {data.known_total > rows.length && <p className="hint cut">{say("known_more", { total: count(data.known_total), n: count(rows.length) })}</p>}
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
          {data.habits.map(({ what, text }) => (
            <li key={text}>
              <Traced proof={cashProof(data, what === "buys" ? "outflow" : "inflow")}>{text}</Traced>
            </li>
          ))}
          {data.fixed.map(({ partner, text }) => (
            <li key={text}>
              <Traced proof={partner && data.of.id ? { of: "link", enterprise: data.of.id, partner: partner.id, side: "suppliers" } : cashProof(data, "outflow")}>{text}</Traced>
            </li>
          ))}
        </ul>
      </section>
      <section className="box">
        <h2>{say("accuracy")}</h2>
        <ul className="stands">
          {[...data.accuracy.map((one) => ({ text: one.text, flow: one.side === "sales" ? "inflow" : "outflow" }) as const), ...data.notes.map(({ text }) => ({ text, flow: "inflow" }) as const)].map(({ text, flow }) => (
            <li key={text}>
              <Traced proof={/\d/.test(text) ? cashProof(data, flow) : null}>{text}</Traced>
            </li>
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
                  <Traced proof={cashProof(data, name)}>{money(data[name].expected_fen, lang, unit)}</Traced>{" "}
                  <small>
                    <Traced proof={cashProof(data, name)}>{say("known_part", { share: percent(data[name].known_share) })}</Traced>
                  </small>
                </Tile>
              ))}
              <Tile name={say("shortfall")} wide>
                {data.shortfall ? <Traced proof={cashProof(data, "balance")}>{data.shortfall.text}</Traced> : say("shortfall_none")}
              </Tile>
            </dl>
            <Flows data={data} place={place} />
            {data.opening_fen !== null && <Balance data={data} />}
            <p className="hint">
              {say("from_to", { from: data.start, to: data.until })} · {say("with_tax")} · <Traced proof={cashProof(data, "inflow")}>{say("band", { level: LEVEL })}</Traced>
            </p>
            <Told data={data} />
            <Known data={data} one={one} place={place} />
          </>
        )}
      </Block>
    </div>
  );
}
