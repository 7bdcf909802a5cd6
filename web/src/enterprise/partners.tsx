// Whom it sells to and buys from: shares, papers, amounts by month; and, set apart, what is only inferred.
import { useCallback } from "react";
import { get, type Schema } from "../asking.ts";
import { count, MISSING, money, percent, unitName } from "../format.ts";
import { Chart, token } from "../parts/chart.tsx";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Button } from "../parts/form.tsx";
import { Empty } from "../parts/states.tsx";
import { Tag } from "../parts/tag.tsx";
import { Traced, worked } from "../parts/traced.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Block, useFeature } from "./block.tsx";
import type { Profile, SheetProps } from "./enterprise.tsx";
import { Firm } from "./overview.tsx";
import { own } from "./words.ts";

type Side = "suppliers" | "customers";

function Table({ data, one, side, place }: { data: Schema<"Neighbours">; one: Profile; side: Side; place: Place }) {
  const say = useSay(own);
  const { t, lang, unit } = useSettings();
  if (!data.items.length) return <Empty>{t(side === "suppliers" ? "empty_suppliers" : "empty_customers")}</Empty>;
  // A share of what others' papers show would be a share of nobody knows what.
  const whole = side === "customers" ? one.own_books.sales_until && one.sales_fen : one.own_books.purchases_until && one.purchases_fen;
  const next = Math.min(data.total, data.shown * 5, 200);
  return (
    <>
      <div className="sideways" tabIndex={0} role="region" aria-label={t(side)}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t(side)}</th>
              <th scope="col" className="number">{t("amount", { unit: unitName(lang, unit) })}</th>
              <th scope="col" className="number">{say("share")}</th>
              <th scope="col" className="number">{say("papers")}</th>
              <th scope="col">{say("period")}</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((partner) => {
              const proof = { of: "link", enterprise: one.id, partner: partner.id, side } as const;
              return (
                <tr key={partner.id}>
                  <td>
                    <Firm firm={partner} place={place} /> {partner.hub && <Tag word="hub" kind="warn" why="hub_why" />}
                  </td>
                  <td className={partner.amount_fen < 0 ? "number negative" : "number"}>
                    <Traced proof={proof}>{money(partner.amount_fen, lang, unit)}</Traced>
                  </td>
                  <td className="number">{whole ? <Traced proof={proof}>{percent(partner.amount_fen / whole, 1)}</Traced> : MISSING}</td>
                  <td className="number">
                    <Traced proof={proof}>{count(partner.count)}</Traced>
                  </td>
                  <td className="nowrap">
                    {partner.first ?? MISSING} – {partner.last ?? MISSING}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {!whole && <p className="hint">{say("share_why")}</p>}
      <p className="more" role="status">
        {t("of", { shown: count(data.shown), total: count(data.total) })} · {t("by_amount")}
        {next > data.shown && <Button onPress={() => go(withMore(place, { top: next }))}>{t("raise", { n: count(next) })}</Button>}
      </p>
    </>
  );
}

/** Amounts of the largest partners by month, stacked, the rest in one grey layer. */
function Months({ data, one, side, place }: { data: Schema<"PartnerMonths">; one: Profile; side: Side; place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const of = useFeature(one.id);
  const title = say("by_month", { n: data.items.length, unit: unitName(lang, unit) });
  const option = useCallback(() => {
    const shades = ["shade4", "shade3", "shade2", "shade1", "shade0", "edge"];
    const layer = (name: string, fen: number[], color: string) => ({ name, type: "bar", stack: "all", data: fen, itemStyle: { color } });
    return {
      grid: { left: 8, right: 8, top: 34, bottom: 4, containLabel: true },
      legend: { type: "scroll", top: 0, textStyle: { color: token("quiet") } },
      tooltip: { trigger: "axis", valueFormatter: (fen: number) => money(fen, lang, unit) },
      xAxis: { type: "category", data: data.months, axisLabel: { color: token("quiet") } },
      yAxis: { type: "value", axisLabel: { color: token("quiet"), formatter: (fen: number) => money(fen, lang, unit).replace(/\.00$/, "") }, splitLine: { lineStyle: { color: token("line") } } },
      series: [...data.items.map((partner, at) => layer(partner.name, partner.by_month, token(shades[at] ?? "edge"))), layer(say("others"), data.others_fen, token("line"))],
    };
  }, [data, lang, unit, say]);
  if (!data.items.length) return null;
  const twin = (
    <div className="sideways" tabIndex={0} role="region" aria-label={title}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say("month")}</th>
            {data.items.map((partner) => (
              <th key={partner.id} scope="col" className="number">
                <Firm firm={partner} place={place} />
              </th>
            ))}
            <th scope="col" className="number">{say("others")}</th>
          </tr>
        </thead>
        <tbody>
          {data.months.map((month, at) => (
            <tr key={month}>
              <th scope="row">{month}</th>
              {data.items.map((partner) => (
                <td key={partner.id} className="number">
                  <Traced proof={{ of: "link", enterprise: one.id, partner: partner.id, side }}>{money(partner.by_month[at], lang, unit)}</Traced>
                </td>
              ))}
              <td className="number">
                <Traced proof={of(side === "customers" ? "seen_customers" : "seen_suppliers")}>{money(data.others_fen[at], lang, unit)}</Traced>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
  return <Chart title={title} option={option} twin={twin} height={240} />;
}

export function Partners({ one, place }: SheetProps) {
  const say = useSay(own);
  const { t } = useSettings();
  const side: Side = place.side ?? (one.customers > 0 ? "customers" : "suppliers");
  const limit = Math.min(Math.max(Number(place.more?.["top"]) || 20, 1), 200);
  const path = { enterprise: one.id };
  return (
    <div className="stacked">
      <ChoiceGroup
        name={t("side")}
        value={side}
        onChange={(next) => go({ ...place, side: next })}
        choices={[
          { value: "customers", label: `${t("customers")} ${count(one.customers)}` },
          { value: "suppliers", label: `${t("suppliers")} ${count(one.suppliers)}` },
        ]}
      />
      <Block title={say("by_month", { n: 5, unit: "" })} scope="graph:read" plain question={get("/v1/enterprises/{enterprise}/partner-months", { path, query: { side, limit: 5 } })}>
        {(data) => <Months data={data} one={one} side={side} place={place} />}
      </Block>
      <Block title={t(side)} scope="graph:read" question={get("/v1/enterprises/{enterprise}/neighbours", { path, query: { side, limit } })}>
        {(data) => <Table data={data} one={one} side={side} place={place} />}
      </Block>
      <div className="two">
        <Block title={say("similar")} scope="graph:read" question={get("/v1/enterprises/{enterprise}/similar", { path, query: { limit: 8 } })}>
          {(data) => (
            <ul className="stands">
              {data.items.map((alike) => (
                <li key={alike.id}>
                  <Firm firm={alike} place={place} /> <Traced proof={worked("alike", { enterprise: one.id, other: alike.id })}>{percent(alike.similarity)}</Traced> <span className="hint">
                    <Traced proof={worked("alike", { enterprise: one.id, other: alike.id })}>{say("similar_in", { c: count(alike.shared_customers), s: count(alike.shared_suppliers) })}</Traced>
                  </span>
                </li>
              ))}
              {!data.items.length && <li>{say("none")}</li>}
            </ul>
          )}
        </Block>
        <Block title={say("suggested")} scope="graph:read" question={get("/v1/enterprises/{enterprise}/suggested-links", { path, query: { limit: 10 } })}>
          {(data) => (
            <>
              <p className="hint cut">{data.note}</p>
              <ul className="stands">
                {data.items.map((link) => (
                  <li key={link.partner.id + link.direction}>
                    <Firm firm={link.partner} place={place} /> <Traced proof={worked("suggested", { enterprise: one.id, partner: link.partner.id })}>{percent(link.probability)}</Traced> <span className="hint">{link.way_text}</span>
                  </li>
                ))}
                {!data.items.length && <li>{say("none")}</li>}
              </ul>
            </>
          )}
        </Block>
      </div>
    </div>
  );
}
