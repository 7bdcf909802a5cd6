// The whole graph on the first page: each enterprise counted once, and what to do where none has a position.
import type { Totals } from "../api.ts";
import { count } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Tile } from "../parts/tile.tsx";
import type { Place } from "../route.ts";
import { useSettings } from "../settings.ts";

export function WholeGraph({ totals, place }: { totals: Totals; place: Place }) {
  const { t } = useSettings();
  return (
    <dl className="tiles whole">
      <Tile name={t("whole")}>{count(totals.enterprises)}</Tile>
      <Tile name={t("all_placed")}>
        {count(totals.placed)} <small>{t("all_placed_hint")}</small>
      </Tile>
      <Tile name={t("unplaced")}>
        {totals.unplaced ? (
          <Link to={{ page: "chains", unplaced: true, lang: place.lang }} aria-current={place.unplaced ? "true" : undefined}>
            {count(totals.unplaced)}
          </Link>
        ) : (
          0
        )}{" "}
        <small>{t("all_unplaced_hint")}</small>
      </Tile>
      <Tile name={t("hubs")}>
        {count(totals.hubs)} <small>{t("all_hubs_hint")}</small>
      </Tile>
    </dl>
  );
}

/** Why nothing stands anywhere, and the ways out. */
export function NonePlaced({ totals }: { totals: Totals }) {
  const { t } = useSettings();
  return (
    <section className="guide">
      <h2>{t("none_placed", { n: count(totals.enterprises) })}</h2>
      <p>{totals.with_goods ? t("none_placed_no_fit", { n: count(totals.with_goods) }) : t("none_placed_no_goods")}</p>
      <h3>{t("none_placed_do")}</h3>
      <ul>
        {!totals.with_goods && (
          <li>
            {t("do_lines")} <code>dayan ingest PATH</code> <code>dayan build</code>
          </li>
        )}
        <li>
          {t("do_chain")} <code>DAYAN_CHAINS=FOLDER dayan build</code>
        </li>
        <li>
          {t("do_core")} <code>dayan core add NAME --chain ID</code>
        </li>
      </ul>
    </section>
  );
}
