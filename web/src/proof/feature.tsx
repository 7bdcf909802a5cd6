// A figure of a firm: what it says, and the links, months and facts that it was worked out from.
import { useState } from "react";
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { count, money, sentence, unitName } from "../format.ts";
import { PanelHeading } from "../parts/heading.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { FactLine } from "./factline.tsx";
import { figure } from "./figure.ts";
import { own } from "./words.ts";

/** As many facts are read for their lines at once; the rest when asked for. */
const FIRST = 8;

function Figure(feature: Parameters<typeof figure>[0]) {
  const { lang, unit } = useSettings();
  const { large, small } = figure(feature, lang, unit);
  return (
    <>
      {large} {small && <small>{small}</small>}
    </>
  );
}

export function FeatureProof({ place, enterprise, name }: { place: Place; enterprise: string; name: string }) {
  const { lang, unit } = useSettings();
  const say = useSay(own);
  const [all, setAll] = useState(false);
  const { data, failure, again } = useAsked(get("/v1/enterprises/{enterprise}/features", { path: { enterprise }, query: { names: name } }));
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  const feature = data.items[0];
  const lineage = data.lineage.find(({ rests_on }) => rests_on === feature?.rests_on);
  if (!feature) return <Empty>{say("nothing")}</Empty>;
  const opened = (lineage?.links.length ?? 0) + (lineage?.facts.length ?? 0) > 0;
  return (
    <>
      <PanelHeading>{sentence(feature.label)}</PanelHeading>
      <p className="hint">
        <Printed>{data.enterprise.name}</Printed> · {data.until}
      </p>
      <p className="large">{feature.missing ? say("no_value", { why: feature.missing_text ?? feature.missing }) : <Figure {...feature} />}</p>
      <p className="why">{feature.text}</p>
      {lineage && lineage.links.length > 0 && (
        <section>
          <h3>{say("links")}</h3>
          <table className="plain">
            <tbody>
              {lineage.links.map((link) => (
                <tr key={`${link.seller.id} ${link.buyer.id}`}>
                  <td>
                    <Printed>{link.seller.name}</Printed> → <Printed>{link.buyer.name}</Printed>
                    <div className="hint">
                      {link.first}—{link.last}
                    </div>
                  </td>
                  <td className="number">
                    {money(link.amount_fen, lang, unit)} <small>{unitName(lang, unit)}</small>
                    <div>
                      <Traced proof={{ of: "link", enterprise: link.seller.id, partner: link.buyer.id, side: "customers" }}>{say("open_link", { n: count(link.invoices) })}</Traced>
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {lineage.links_total > lineage.links.length && <p className="hint">{say("links_cut", { n: count(lineage.links_total), shown: count(lineage.links.length) })}</p>}
        </section>
      )}
      {lineage && lineage.months.length > 0 && <p className="hint">{say("own_months", { months: `${lineage.months[0] ?? ""} — ${lineage.months.at(-1) ?? ""}` })}</p>}
      {lineage && lineage.facts.length > 0 && (
        <section>
          <h3>{say("facts")}</h3>
          <ul className="stands">
            {lineage.facts.slice(0, all ? undefined : FIRST).map((fact) => (
              <li key={fact}>
                <FactLine place={place} fact={fact} />
              </li>
            ))}
          </ul>
          {!all && lineage.facts.length > FIRST && (
            <button type="button" onClick={() => setAll(true)}>
              {say("facts_more", { n: count(lineage.facts.length - FIRST) })}
            </button>
          )}
          {lineage.facts_total === null
            ? <p className="hint">{say("facts_some", { shown: count(lineage.facts.length) })}</p>
            : lineage.facts_total > lineage.facts.length && <p className="hint">{say("facts_cut", { n: count(lineage.facts_total), shown: count(lineage.facts.length) })}</p>}
        </section>
      )}
      {!opened && <Empty>{say("nothing")}</Empty>}
    </>
  );
}
