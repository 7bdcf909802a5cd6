// The first page: search in the middle, the chains below it, and what changed since the last build.
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { count, money, sentence, unitName } from "../format.ts";
import { AsOf } from "../parts/asof.tsx";
import { Link } from "../parts/link.tsx";
import { Mark } from "../parts/mark.tsx";
import { Printed } from "../parts/printed.tsx";
import { Search } from "../parts/search.tsx";
import { Failed, Loading, Nothing } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { useTitle } from "../title.ts";
import { Changes } from "./changes.tsx";
import "./home.css";
import { own } from "./words.ts";

/** The chains somebody stands in, largest first, as one quiet line each. */
function Chains({ chains, place }: { chains: Schema<"Chains">; place: Place }) {
  const say = useSay(own);
  const { t, lang, unit } = useSettings();
  const settled = chains.items.filter(({ enterprises }) => enterprises > 0).sort((a, b) => b.enterprises - a.enterprises);
  // Where all of them are, it is said once.
  const told = settled.length > 0 && settled.every(({ synthetic }) => synthetic);
  return (
    <section className="box">
      <h2>
        {say("maps")} {told && <Synthetic />}
      </h2>
      <table className="plain chains">
        <thead>
          <tr>
            <th scope="col">{say("chain")}</th>
            <th scope="col" className="number">
              {t("segments")}
            </th>
            <th scope="col" className="number">
              {t("enterprises")}
            </th>
            <th scope="col" className="number">
              {t("amount", { unit: unitName(lang, unit) })}
            </th>
          </tr>
        </thead>
        <tbody>
          {settled.map((chain) => (
            <tr key={chain.id}>
              <th scope="row">
                <Link to={{ page: "map", chain: chain.id, lang: place.lang }}>{sentence(chain.name)}</Link> {chain.synthetic && !told && <Synthetic />}
              </th>
              <td className="number">{count(chain.segments)}</td>
              <td className="number">{count(chain.enterprises)}</td>
              <td className="number">{money(chain.amount_fen, lang, unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        <Link to={{ page: "chains", lang: place.lang }}>{say("all_maps", { n: count(chains.total) })}</Link>
      </p>
    </section>
  );
}

export default function Home({ place }: { place: Place }) {
  const say = useSay(own);
  const { t } = useSettings();
  const { who, can, outside } = useSession();
  const sees = can("graph:read") && !outside;
  const chains = useAsked(sees ? get("/v1/chains") : null);
  const empty = chains.failure?.code === "no_snapshot";
  useTitle(undefined);
  return (
    <main id="content" className="page home" tabIndex={-1}>
      <div className="hero">
        <Mark />
        <h1>{t("dayan")}</h1>
        <p className="hint">{say("lead")}</p>
        {sees && !empty && <Search wide />}
        {who && !who.signed_in && (
          <>
            <p>{say("stranger")}</p>
            <Link className="button main" to={{ page: "sign-in", lang: place.lang }}>
              {t("sign_in")}
            </Link>
          </>
        )}
        {who?.signed_in && !sees && !(outside && can("credit:apply")) && <p>{say("by_the_bar")}</p>}
        {outside && can("credit:apply") && (
          <Link className="button main" to={{ page: "owner", lang: place.lang }}>
            {say("owner")}
          </Link>
        )}
        {chains.data && <AsOf answer={chains.data} />}
      </div>
      {sees && chains.failure && !empty && <Failed failure={chains.failure} again={chains.again} />}
      {sees && !chains.data && !chains.failure && <Loading />}
      {empty && <Nothing />}
      {chains.data && (
        <div className="two">
          <Changes place={place} />
          <Chains chains={chains.data} place={place} />
        </div>
      )}
    </main>
  );
}

export function Firm({ firm, place }: { firm: Schema<"Named">; place: Place }) {
  return (
    <Link to={{ page: "enterprise", id: firm.id, lang: place.lang }}>
      <Printed>{firm.name}</Printed>
    </Link>
  );
}
