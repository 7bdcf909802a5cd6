// The first page: the whole graph in figures, then every industry chain as a card.
import { type ChainCard, type ChainList, where } from "../api.ts";
import { useAnswer } from "../answer.ts";
import { count, money, sentence, unitName } from "../format.ts";
import { Panel } from "../panels/panel.tsx";
import { AsOf } from "../parts/asof.tsx";
import { Link } from "../parts/link.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import type { Place } from "../route.ts";
import { useSettings } from "../settings.ts";
import { useTitle } from "../title.ts";
import { NonePlaced, WholeGraph } from "./totals.tsx";

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

export function Chains({ place }: { place: Place }) {
  const { t } = useSettings();
  const { data, failure, again } = useAnswer<ChainList>(where.chains());
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
        {(noGraph || data?.items.length === 0) && (
          <Empty>
            <p>{t("empty_chains")}</p>
            <p>
              <code>dayan ingest PATH</code> <code>dayan build</code>
            </p>
          </Empty>
        )}
        {data && <WholeGraph totals={data.totals} place={place} />}
        {data && data.totals.enterprises > 0 && data.totals.placed === 0 && <NonePlaced totals={data.totals} />}
        {data && <Cards chains={data.items} place={place} />}
      </main>
      <Panel place={place} />
    </div>
  );
}
