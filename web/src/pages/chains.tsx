// The first page: every industry chain as a card.
import { type ChainCard, type Listing, where } from "../api.ts";
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

export function Chains({ place }: { place: Place }) {
  const { t } = useSettings();
  const { data, failure, again } = useAnswer<Listing<ChainCard>>(where.chains());
  const noGraph = failure?.code === "no_snapshot";
  useTitle(t("industry_map"));
  return (
    <div className={place.enterprise ? "split open" : "split"}>
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
        {data && (
          <ul className="cards">
            {data.items.map((chain) => (
              <Card key={chain.id} chain={chain} place={place} />
            ))}
          </ul>
        )}
      </main>
      <Panel place={place} />
    </div>
  );
}
