// The first page: the whole graph in figures, then every industry chain as a card.
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { count, depth, money, sentence, unitName } from "../format.ts";
import { own } from "../map/words.ts";
import { Panel } from "../panels/panel.tsx";
import { AsOf } from "../parts/asof.tsx";
import { Link } from "../parts/link.tsx";
import { Failed, Loading, Nothing } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { useTitle } from "../title.ts";
import { NonePlaced, WholeGraph } from "./totals.tsx";

type ChainCard = Schema<"ChainSummary">;

/** A bar a depth, upstream left, the end product marked: the shape of the chain at a glance. */
function Density({ chain }: { chain: ChainCard }) {
  const say = useSay(own);
  const { t } = useSettings();
  const density = chain.density ?? [];
  const most = Math.max(1, ...density.map((one) => one.enterprises));
  if (!density.length) return null;
  return (
    <>
      <div className="density" role="img" aria-label={`${say("density")}: ${density.map((one) => `${one.depth} ${count(one.enterprises)}`).join(", ")}`}>
        {density.map((one) => (
          <i key={one.depth} className={one.depth === 0 ? "zero" : undefined} style={{ height: `${Math.max(8, Math.round((100 * one.enterprises) / most))}%` }} title={`${one.depth}: ${count(one.enterprises)}`} />
        ))}
      </div>
      <div className="ends" aria-hidden="true">
        <span>
          ← {t("upstream")} {depth(density[0]?.depth, 0)}
        </span>
        <span>
          {depth(density.at(-1)?.depth, 0)} {t("downstream")} →
        </span>
      </div>
    </>
  );
}

function Card({ chain, place }: { chain: ChainCard; place: Place }) {
  const { lang, unit, t } = useSettings();
  return (
    <li className="card">
      <h2>
        <Link to={{ page: "map", chain: chain.id, lang: place.lang }}>{sentence(chain.name)}</Link>
        {chain.synthetic && <Synthetic />}
      </h2>
      <dl>
        <div>
          <dt>{t("enterprises")}</dt>
          <dd className="large">{count(chain.enterprises)}</dd>
        </div>
        <div>
          <dt>{t("segments")}</dt>
          <dd>{count(chain.segments)}</dd>
        </div>
        <div>
          <dt>{t("unplaced")}</dt>
          <dd>{count(chain.unplaced)}</dd>
        </div>
        <div className="wide">
          <dt>{t("amount", { unit: unitName(lang, unit) })}</dt>
          <dd>{money(chain.amount_fen, lang, unit)}</dd>
        </div>
      </dl>
      <Density chain={chain} />
    </li>
  );
}

/** A chain nobody stands in: its name and how many segments wait. */
function QuietCard({ chain, place }: { chain: ChainCard; place: Place }) {
  const { t } = useSettings();
  return (
    <li className="card quiet">
      <h3>
        <Link to={{ page: "map", chain: chain.id, lang: place.lang }}>{sentence(chain.name)}</Link>
      </h3>
      <p className="hint">{t("quiet_card", { n: count(chain.segments) })}</p>
    </li>
  );
}

function Cards({ chains, place }: { chains: ChainCard[]; place: Place }) {
  const { t } = useSettings();
  const settled = chains.filter(({ enterprises }) => enterprises > 0);
  const quiet = chains.filter(({ enterprises }) => enterprises === 0);
  return (
    <>
      {settled.length > 0 && (
        <ul className="cards">
          {settled.map((chain) => (
            <Card key={chain.id} chain={chain} place={place} />
          ))}
        </ul>
      )}
      {quiet.length > 0 && (
        <section className="quiets">
          <h2>{t("quiet_chains")}</h2>
          <ul className="cards">
            {quiet.map((chain) => (
              <QuietCard key={chain.id} chain={chain} place={place} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

export default function Chains({ place }: { place: Place }) {
  const { t } = useSettings();
  const { data, failure, again } = useAsked(get("/v1/chains"));
  const noGraph = failure?.code === "no_snapshot";
  useTitle(t("industry_map"));
  return (
    <div className={place.enterprise || place.unplaced ? "split open" : "split"}>
      <main id="content" className="page" tabIndex={-1}>
        <div className="heading">
          <h1>{t("industry_map")}</h1>
          {data && <AsOf answer={data} />}
        </div>
        <p className="lead">{t("chains_lead")}</p>
        {failure && !noGraph && <Failed failure={failure} again={again} />}
        {!data && !failure && <Loading />}
        {(noGraph || data?.items.length === 0) && <Nothing />}
        {data && <WholeGraph totals={data.totals} place={place} />}
        {data && data.totals.enterprises > 0 && data.totals.placed === 0 && <NonePlaced totals={data.totals} />}
        {data && <Cards chains={data.items} place={place} />}
      </main>
      <Panel place={place} />
    </div>
  );
}
