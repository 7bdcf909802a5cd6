// What the chosen cells add up to, and what can be done with them: a list, a watchlist, the explorer.
import { useState } from "react";
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { count, money, unitName } from "../format.ts";
import { SaveWatch } from "../lists/save.tsx";
import { Button } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { go, type Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { sums } from "./chosen.ts";
import type { ChainMap } from "./paint.ts";
import { choosing, written } from "./view.ts";
import { own } from "./words.ts";

/** As many firms as the explorer opens with. */
const EXPLORED = 40;

function Figure({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** `until`: the month that the sums are of, where two dates are compared. */
export function ChosenBar({ map, until, chosen, place }: { map: ChainMap; until?: string | undefined; chosen: readonly string[]; place: Place }) {
  const { lang, unit } = useSettings();
  const { can } = useSession();
  const say = useSay(own);
  const [saving, setSaving] = useState(false);
  const total = sums(map, chosen);
  const inUnit = { unit: unitName(lang, unit) };
  const query = { chain: [map.chain.id], cell: written(chosen), hubs: true, sort: "sales_fen" as const, descending: true };
  const largest = useAsked(get("/v1/lists/screen", { query: { ...query, limit: EXPLORED } }));
  const ids = largest.data?.items.map((row) => row.id) ?? [];
  const list: Place = { page: "lists", lang: place.lang, more: { chain: map.chain.id, cells: written(chosen).join(",") } };
  return (
    <section className="chosenbar" aria-label={say("chosen", { n: count(total.cells) })}>
      <strong role="status">
        {say("chosen", { n: count(total.cells) })}
        {until && <small> {say("chosen_until", { until })}</small>}
      </strong>
      <dl>
        <Figure name={say("chosen_firms")}>{count(total.enterprises)}</Figure>
        <Figure name={say("chosen_amount", inUnit)}>{money(total.amount_fen, lang, unit)}</Figure>
        <Figure name={say("chosen_inside", inUnit)}>{money(total.inside_fen, lang, unit)}</Figure>
        <Figure name={say("chosen_in", inUnit)}>{money(total.in_fen, lang, unit)}</Figure>
        <Figure name={say("chosen_out", inUnit)}>{money(total.out_fen, lang, unit)}</Figure>
      </dl>
      <span className="deeds">
        <Link className="button" to={list}>
          {say("as_list")}
        </Link>
        {can("desk:write") && total.enterprises > 0 && <Button onPress={() => setSaving(true)}>{say("as_watch")}</Button>}
        {ids.length > 0 && (
          <Link className="button" to={{ page: "explore", lang: place.lang, more: { nodes: ids.join(",") } }} title={say("in_explorer_hint", { n: count(ids.length) })}>
            {say("in_explorer")}
          </Link>
        )}
        <Button kind="quiet" onPress={() => go(choosing(place, []), true)}>
          {say("unchoose")}
        </Button>
      </span>
      {saving && <SaveWatch query={query} total={largest.data?.total ?? total.enterprises} onClose={() => setSaving(false)} />}
    </section>
  );
}
