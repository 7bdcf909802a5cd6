// Screening: conditions on top, the table of everybody who fits below, files and watchlists beside it.
import { useState } from "react";
import { addressOf } from "../asking.ts";
import { count } from "../format.ts";
import { AsOf } from "../parts/asof.tsx";
import { Button } from "../parts/form.tsx";
import { Grid } from "../parts/grid.tsx";
import { Menu } from "../parts/overlay.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useLabel, useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { Conditions, queryOf } from "./conditions.tsx";
import { useColumns, useRows } from "./rows.tsx";
import { SaveWatch } from "./save.tsx";
import { own } from "./words.ts";

export function Screen({ place, watchlist, title }: { place: Place; watchlist?: string; title?: string }) {
  const say = useSay(own);
  const label = useLabel();
  const { can } = useSession();
  const { lang } = useSettings();
  const [saving, setSaving] = useState(false);
  const query = queryOf(place, watchlist);
  const rows = useRows(query);
  const columns = useColumns(rows.hidden);
  const order = { by: String(query.sort), down: query.descending === true };
  const file = (format: string): string => addressOf("/v1/lists/screen/file", {}, { ...query, format });
  return (
    <section>
      {!watchlist && <Conditions place={place} seesLoans={can("portfolios:read")} />}
      <div className="toolbar found">
        <strong role="status">{rows.total === null ? "…" : `${title ? `${title} · ` : ""}${say("found", { n: count(rows.total) })}`}</strong>
        {rows.hidden.length > 0 && <span className="hint">{say("hidden", { columns: rows.hidden.map((name) => label(`list_${name}`)).join(lang === "zh" ? "、" : ", ") })}</span>}
        <span className="grow" />
        {can("desk:write") && !watchlist && rows.total !== null && rows.total > 0 && <Button onPress={() => setSaving(true)}>{say("save_watch")}</Button>}
        <Menu
          label={say("export")}
          deeds={[
            { id: "xlsx", label: say("as_xlsx"), href: file("xlsx") },
            { id: "csv", label: say("as_csv"), href: file("csv") },
          ]}
        />
        {rows.asOf && <AsOf answer={rows.asOf} />}
      </div>
      {rows.failure && <Failed failure={rows.failure} again={rows.again} />}
      {rows.total === null && !rows.failure && <Loading />}
      {rows.total === 0 && <Empty>{say("none")}</Empty>}
      {rows.total !== null && rows.total > 0 && (
        <Grid label={say("screen")} columns={columns} total={rows.total} row={rows.row} keyOf={(row) => row.id} onSight={rows.onSight} order={order} onOrder={({ by, down }) => go(withMore(place, { sort: by, up: !down }), true)} height="calc(100vh - 21rem)" />
      )}
      {saving && <SaveWatch query={query} total={rows.total ?? 0} onClose={() => setSaving(false)} />}
    </section>
  );
}
