// What if: one buyer pays late (cash flow with and without), or this firm itself fails (who in its chain is hit).
import { useCallback, useState } from "react";
import { get, post, type Schema } from "../asking.ts";
import { count, money, sentence, unitName } from "../format.ts";
import { Chart, token } from "../parts/chart.tsx";
import { Select, TextField, Button } from "../parts/form.tsx";
import { Empty } from "../parts/states.tsx";
import { Tile } from "../parts/tile.tsx";
import { type Proof, Traced, worked } from "../parts/traced.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Block } from "./block.tsx";
import { stepName } from "./cash.tsx";
import { axes, line } from "./drawn.ts";
import type { SheetProps } from "./enterprise.tsx";
import { fenOf } from "./fields.ts";
import { Firm, useSum } from "./overview.tsx";
import { own } from "./words.ts";

type Late = Schema<"LatePayment">;
const MOST_DAYS = 180;

/** What the lateness moves: of one step, or of all of them. */
function lateProof(data: Late, which: "inflow" | "balance", first?: string): Proof {
  return worked("late", { enterprise: data.enterprise.id, buyer: data.buyer.id, days: data.days, step: data.step, flow: which, first, opening_fen: data.opening_fen });
}

function Lines({ data, which }: { data: Late; which: "inflow" | "balance" }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const title = say(which === "inflow" ? "late_chart" : "late_balance", { unit: unitName(lang, unit) });
  const of = useCallback((step: Late["items"][number], late: boolean) => (which === "inflow" ? (late ? step.late_inflow_fen : step.usual_inflow_fen) : late ? step.late_balance_fen : step.usual_balance_fen), [which]);
  const option = useCallback(
    () => ({
      ...axes(data.items.map(({ first }) => stepName(data.step, first)), (fen) => money(fen, lang, unit)),
      series: [line(say("as_usual"), data.items.map((step) => of(step, false)), token("accent")), line(say("paid_late"), data.items.map((step) => of(step, true)), token("mark"), true)],
    }),
    [data, lang, unit, say, of],
  );
  const twin = (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">{say("on")}</th>
          <th scope="col" className="number">{say("as_usual")}</th>
          <th scope="col" className="number">{say("paid_late")}</th>
          <th scope="col" className="number">{say("difference")}</th>
        </tr>
      </thead>
      <tbody>
        {data.items.map((step) => {
          const [usual, late] = [of(step, false), of(step, true)];
          const off = usual === null || late === null ? null : late - usual;
          return (
            <tr key={step.first}>
              <th scope="row">{stepName(data.step, step.first)}</th>
              {[usual, late, off].map((fen, at) => (
                <td key={at} className={fen !== null && fen < 0 ? "number negative" : "number"}>
                  <Traced proof={fen === null ? null : lateProof(data, which, step.first)}>{money(fen, lang, unit)}</Traced>
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
  return <Chart title={title} option={option} twin={twin} height={240} />;
}

/** The step up to which most is missing in all, and how much; null where nothing is. */
export function worst(items: readonly { first: string; usual_inflow_fen: number; late_inflow_fen: number }[]): { first: string; fen: number } | null {
  let [missing, most]: [number, { first: string; fen: number } | null] = [0, null];
  for (const { first, usual_inflow_fen, late_inflow_fen } of items) {
    missing += usual_inflow_fen - late_inflow_fen;
    if (missing > (most?.fen ?? 0)) most = { first, fen: missing };
  }
  return most;
}

function Shown({ data }: { data: Late }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const most = worst(data.items);
  return (
    <>
      <p className="verdict">
        <Traced proof={lateProof(data, "inflow")}>
          {most ? say("late_worst", { buyer: data.buyer.name, days: data.days, month: stepName(data.step, most.first), amount: money(most.fen, lang, unit), unit: unitName(lang, unit) }) : say("late_nothing", { buyer: data.buyer.name, days: data.days })}
        </Traced>
      </p>
      {data.usual_shortfall && data.late_shortfall && (
        <dl className="tiles figures">
          <Tile name={say("as_usual")} wide>
            <Traced proof={lateProof(data, "balance")}>{data.usual_shortfall.text}</Traced>
          </Tile>
          <Tile name={say("paid_late")} wide>
            <Traced proof={lateProof(data, "balance")}>{data.late_shortfall.text}</Traced>
          </Tile>
        </dl>
      )}
      <Lines data={data} which="inflow" />
      {data.opening_fen !== null && <Lines data={data} which="balance" />}
    </>
  );
}

function LateForm({ buyers, place }: { buyers: readonly Schema<"Neighbour">[]; place: Place }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const [days, setDays] = useState(place.more?.["late"] ?? "30");
  const [opening, setOpening] = useState(place.more?.["opening"] ?? "");
  const buyer = place.more?.["buyer"] ?? buyers[0]?.id ?? null;
  const wrong = /^\d{1,3}$/.test(days) && Number(days) >= 1 && Number(days) <= MOST_DAYS ? undefined : `1–${MOST_DAYS}`;
  return (
    <form
      className="toolbar"
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong) go(withMore(place, { late: days, opening: opening.trim() }));
      }}
    >
      <Select label={say("buyer")} value={buyer} onChange={(id) => go(withMore(place, { buyer: id }))} choices={buyers.map(({ id, name }) => ({ value: id, label: name }))} />
      <TextField label={say("late_days")} value={days} onChange={setDays} inputMode="numeric" error={wrong} />
      <TextField label={say("opening", { unit: unitName(lang, "middle") })} value={opening} onChange={setOpening} inputMode="decimal" />
      <Button type="submit">{say("work_out")}</Button>
    </form>
  );
}

function LatePaying({ one, place }: SheetProps) {
  const say = useSay(own);
  const { lang } = useSettings();
  const days = Math.min(Math.max(Number(place.more?.["late"]) || 30, 1), MOST_DAYS);
  return (
    <section className="box">
      <h2>{say("late_title")}</h2>
      <p className="hint">{say("late_lead")}</p>
      <Block title={say("late_title")} scope="graph:read" plain question={get("/v1/enterprises/{enterprise}/neighbours", { path: { enterprise: one.id }, query: { side: "customers", limit: 40 } })}>
        {(data) => {
          const buyers = data.items.filter(({ hub }) => !hub);
          const partner = place.more?.["buyer"] ?? buyers[0]?.id;
          if (!partner) return <Empty>{say("late_none")}</Empty>;
          return (
            <>
              <LateForm buyers={buyers} place={place} />
              <Block title={say("late_title")} scope="cashflow:read" plain question={post("/v1/cashflow/late", { body: { enterprise: one.id, buyer: partner, days, step: "month", opening_fen: fenOf(place.more?.["opening"] ?? "", lang) } })}>
                {(answer) => <Shown data={answer} />}
              </Block>
            </>
          );
        }}
      </Block>
    </section>
  );
}

function Hits({ title, sum, items, total, place, proof }: { title: string; sum: string; items: readonly (Schema<"ShortOfGoods"> | Schema<"ShortOfMoney">)[]; total: number; place: Place; proof: (hit?: string) => Proof }) {
  const say = useSay(own);
  const FIRST = 12;
  return (
    <section>
      <h3>
        {total > 0 ? (
          <Traced proof={proof()}>
            {title} {sum}
          </Traced>
        ) : (
          title
        )}
      </h3>
      <ul className="stands">
        {items.slice(0, FIRST).map((hit) => (
          <li key={hit.id}>
            <Firm firm={hit} place={place} /> <span className="hint">
              <Traced proof={proof(hit.id)}>{hit.text}</Traced>
            </span>{" "}
            {hit.paths[0]?.hops.at(-1) && (
              <Traced proof={{ of: "link", enterprise: hit.paths[0].hops[0]?.from.id ?? "", partner: hit.paths[0].hops[0]?.to.id ?? "", side: "customers" }}>
                <small>{say("papers_open")}</small>
              </Traced>
            )}
          </li>
        ))}
        {!items.length && <li className="hint">{say("nobody")}</li>}
      </ul>
      {total > Math.min(items.length, FIRST) && <p className="hint cut">{say("first_shown", { n: count(Math.min(items.length, FIRST)), total: count(total) })}</p>}
    </section>
  );
}

function InChain({ one, place }: SheetProps) {
  const say = useSay(own);
  const sum = useSum();
  const seats = one.positions;
  const chain = seats.find((seat) => seat.chain.id === place.more?.["inchain"])?.chain ?? seats[0]?.chain;
  const shock = place.more?.["shock"] === "late" ? "late" : "stop";
  if (!chain) return <p className="hint">{say("no_chain")}</p>;
  const hits = (side: "goods" | "money", hit?: string): Proof => worked("hit", { chain: chain.id, enterprise: one.id, shock, days: shock === "late" ? 30 : null, side, hit });
  return (
    <section className="box">
      <h2>{say("chain_title")}</h2>
      <p className="hint">{say("chain_lead")}</p>
      <div className="toolbar">
        <Select label={say("seat")} value={chain.id} onChange={(inchain) => go(withMore(place, { inchain }))} choices={seats.map((seat) => ({ value: seat.chain.id, label: sentence(seat.chain.name) }))} />
        <Select
          label={say("shock")}
          value={shock}
          onChange={(next) => go(withMore(place, { shock: next === "stop" ? null : next }))}
          choices={[
            { value: "stop", label: say("shock_stop") },
            { value: "late", label: say("shock_late") },
          ]}
        />
      </div>
      <Block title={say("chain_title")} scope="graph:read" plain question={post("/v1/chains/{chain}/whatif", { path: { chain: chain.id }, body: { enterprise: one.id, shock, days: shock === "late" ? 30 : null, limit: 12, paths: 1 } })}>
        {(data) => (
          <>
            <div className="two">
              <Hits title={say("short_goods", { n: count(data.goods.total) })} sum={sum(data.goods.peak_fen)} proof={(hit) => hits("goods", hit)} items={data.goods.items} total={data.goods.total} place={place} />
              <Hits title={say("short_money", { n: count(data.money.total) })} sum={sum(data.money.short_fen)} proof={(hit) => hits("money", hit)} items={data.money.items} total={data.money.total} place={place} />
            </div>
            <details>
              <summary>{say("assumptions")}</summary>
              <ul className="stands">
                {data.assumptions.map((assumption) => (
                  <li key={assumption.name}>
                    {assumption.label} <Traced proof={hits("goods")}>{assumption.value}</Traced> <span className="hint">{assumption.text}</span>
                  </li>
                ))}
                {data.notes.map((note) => (
                  <li key={note} className="hint">
                    {note}
                  </li>
                ))}
              </ul>
            </details>
          </>
        )}
      </Block>
    </section>
  );
}

export function WhatIf({ one, place }: SheetProps) {
  return (
    <div className="stacked">
      <LatePaying one={one} place={place} key={place.more?.["buyer"]} />
      <InChain one={one} place={place} />
    </div>
  );
}
