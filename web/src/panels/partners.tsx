// Whom an enterprise buys from and sells to, largest first, with how many of how many are shown.
import { useState } from "react";
import { type Enterprise, type Neighbours, type Partner, type Side, where } from "../api.ts";
import { useAnswer } from "../answer.ts";
import { count, MISSING, money, unitName } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Tag } from "../parts/tag.tsx";
import type { Place } from "../route.ts";
import { useSettings } from "../settings.ts";
import type { Word } from "../words.ts";

const LIMITS = [40, 200];
const ATTESTED: Record<string, Word> = { seller: "attested_seller", buyer: "attested_buyer", both: "attested_both", paper: "attested_paper" };

function Row({ partner, place, side }: { partner: Partner; place: Place; side: Side }) {
  const { t, lang, unit } = useSettings();
  const attested = ATTESTED[partner.attested ?? ""];
  return (
    <tr>
      <td>
        <Link className="main" to={{ ...place, side, partner: partner.id }}>
          <Printed>{partner.name}</Printed>
        </Link>
        <div className="hint">
          {partner.first ?? MISSING} – {partner.last ?? MISSING}
          {attested && ` · ${t(attested)}`} {partner.hub && <Tag word="hub" kind="warn" why="hub_why" />}
        </div>
      </td>
      <td className="number">{count(partner.count)}</td>
      <td className="number">
        {money(partner.amount_fen, lang, unit)}
        {partner.red_fen !== 0 && (
          <>
            <div className="hint">{t("gross_of", { gross: money(partner.gross_fen, lang, unit) })}</div>
            <div className="hint">{t("red_of", { red: money(-Math.abs(partner.red_fen), lang, unit) })}</div>
          </>
        )}
      </td>
    </tr>
  );
}

function List({ one, side, place }: { one: Enterprise; side: Side; place: Place }) {
  const { t, lang, unit } = useSettings();
  const [limit, setLimit] = useState(0);
  const { data, failure, again } = useAnswer<Neighbours>(where.neighbours(one.id, side, LIMITS[limit] ?? 40));
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  if (!data.items.length) return <Empty>{t(side === "suppliers" ? "empty_suppliers" : "empty_customers")}</Empty>;
  const next = LIMITS[limit + 1];
  return (
    <>
      <table className="rows">
        <thead>
          <tr>
            <th scope="col">{t(side)}</th>
            <th scope="col" className="number">
              {t("invoices")}
            </th>
            <th scope="col" className="number">
              {t("amount", { unit: unitName(lang, unit) })}
            </th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((partner) => (
            <Row key={partner.id} partner={partner} place={place} side={side} />
          ))}
        </tbody>
      </table>
      <p className="more" role="status">
        <span>
          {t("of", { shown: count(data.shown), total: count(data.total) })} · {t("by_amount")}
        </span>
        {next !== undefined && data.shown < data.total && (
          <button type="button" onClick={() => setLimit(limit + 1)}>
            {t("raise", { n: count(Math.min(next, data.total)) })}
          </button>
        )}
      </p>
    </>
  );
}

export function Partners({ place, one }: { place: Place; one: Enterprise }) {
  const { t } = useSettings();
  const side: Side = place.side ?? (one.customers > 0 ? "customers" : "suppliers");
  const tab = (name: Side, total: number) => (
    <Link to={{ ...place, side: name }} aria-current={side === name ? "true" : undefined}>
      {t(name)} <small>{count(total)}</small>
    </Link>
  );
  return (
    <section>
      <h3>{t("partners")}</h3>
      <nav className="tabs" aria-label={t("partners")}>
        {tab("suppliers", one.suppliers)}
        {tab("customers", one.customers)}
      </nav>
      <List key={`${one.id} ${side}`} one={one} side={side} place={place} />
    </section>
  );
}
