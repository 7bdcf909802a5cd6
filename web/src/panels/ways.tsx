// How the goods of an enterprise reach the core: the shortest paths, hop by hop, read when opened.
import { useState } from "react";
import { type Hop, type Ways, where } from "../api.ts";
import { useAnswer } from "../answer.ts";
import { count, MISSING, money, unitName } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import type { Place } from "../route.ts";
import { type Settings, useSettings } from "../settings.ts";
import { keptBy } from "../map/view.ts";
import { runs } from "./span.ts";

const RUNS_TOLD = 4;

/** The months a link was invoiced in; only first and last where the rest is not told or is too long to tell. */
function monthsOf(hop: Hop, t: Settings["t"]): string {
  const told = runs(hop.months ?? []);
  const ends = (from: string, to: string): string => (from === to ? from : t("months_range", { from, to }));
  if (told.length > 0 && told.length <= RUNS_TOLD) return told.map(([from, to]) => ends(from, to)).join(", ");
  return ends(hop.first?.slice(0, 7) ?? MISSING, hop.last?.slice(0, 7) ?? MISSING);
}

/** Who sells, and under it what goes on to the next: the documents, the goods, and why the link may not count. */
function HopItem({ hop, place }: { hop: Hop; place: Place }) {
  const { t, lang, unit } = useSettings();
  const here: Place = { page: place.page, chain: place.chain, view: place.view, lang: place.lang, more: keptBy(place), enterprise: hop.from.id };
  const reason = hop.reason ?? (hop.feeds === false ? t("hop_not_fed") : null);
  return (
    <li className={hop.feeds === false ? "hop unsure" : "hop"}>
      <Link to={here}>
        <Printed>{hop.from.name}</Printed>
      </Link>
      <div className="hint">
        <Link to={{ ...here, side: "customers", partner: hop.to.id }}>
          {t("hop_sums", { amount: money(hop.amount_fen, lang, unit), unit: unitName(lang, unit), n: count(hop.count) })}
        </Link>{" "}
        · {monthsOf(hop, t)}
      </div>
      {hop.items.length > 0 && (
        <div className="hint">
          {t("hop_goods")} <Printed>{hop.items.join("、")}</Printed>
        </div>
      )}
      {hop.feeds !== true && reason && <div className="hint">{reason}</div>}
    </li>
  );
}

function Way({ hops, place }: { hops: Hop[]; place: Place }) {
  const core = hops.at(-1)?.to;
  return (
    <ol className="way">
      {hops.map((hop) => (
        <HopItem key={hop.from.id} hop={hop} place={place} />
      ))}
      {core && (
        <li className="hop">
          <span className="star">★</span>{" "}
          <Link to={{ page: place.page, chain: place.chain, view: place.view, lang: place.lang, more: keptBy(place), enterprise: core.id }}>
            <Printed>{core.name}</Printed>
          </Link>
        </li>
      )}
    </ol>
  );
}

function Found({ id, chain, place }: { id: string; chain: string; place: Place }) {
  const { t } = useSettings();
  const { data, failure, again } = useAnswer<Ways>(where.toCore(id, chain));
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  if (!data.items.length) return <Empty>{t("way_none", { n: data.longest })}</Empty>;
  return (
    <>
      {data.items.map((way, at) => (
        <div key={at}>
          {data.items.length > 1 && <h4>{t("way_n", { n: at + 1 })}</h4>}
          <Way hops={way.hops} place={place} />
        </div>
      ))}
      {data.cut && <p className="hint">{t("way_cut")}</p>}
    </>
  );
}

export function WaysToCore({ id, chain, place }: { id: string; chain: string; place: Place }) {
  const { t } = useSettings();
  const [opened, setOpened] = useState(false);
  return (
    <details onToggle={(event) => event.currentTarget.open && setOpened(true)}>
      <summary>{t("way_to_core")}</summary>
      {opened && <Found id={id} chain={chain} place={place} />}
    </details>
  );
}
