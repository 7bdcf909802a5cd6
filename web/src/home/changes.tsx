// What changed between the version before and this one, and what became of the firms that are watched.
import type { ReactNode } from "react";
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { count, money, sentence, unitName } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { Firm } from "./home.tsx";
import { own } from "./words.ts";

/** One kind of change: how many, the first of them, and what is left out. */
function Kind({ title, total, note, children }: { title: string; total: number; note?: string | null | undefined; children?: ReactNode }) {
  return (
    <details className="kind">
      <summary>
        <span>{title}</span> <b>{count(total)}</b>
      </summary>
      {children && <ul className="stands">{children}</ul>}
      {note && <p className="hint">{note}</p>}
    </details>
  );
}

function Moves({ title, list, place }: { title: string; list: Schema<"MovedList">; place: Place }) {
  return (
    <Kind title={title} total={list.total} note={list.note}>
      {list.items.map((move) => (
        <li key={move.enterprise.id}>
          <Firm firm={move.enterprise} place={place} /> <span className="hint">{[move.chain_name, move.segment_name, move.level_text].filter(Boolean).join(" · ")}</span>
        </li>
      ))}
    </Kind>
  );
}

function Alerts({ alerts, place }: { alerts: Schema<"WatchedAlerts">; place: Place }) {
  const say = useSay(own);
  return (
    <>
      <h3>{say("alerts")}</h3>
      {alerts.watchlists === 0 ? (
        <p>
          {say("no_watch")} <Link to={{ page: "lists", lang: place.lang }}>{say("lists")}</Link>
        </p>
      ) : (
        alerts.items.length === 0 && <p>{say("no_alerts")}</p>
      )}
      <ul className="stands">
        {alerts.items.map((alert) => (
          <li key={alert.id}>
            <Firm firm={alert.enterprise} place={place} /> {alert.text}
          </li>
        ))}
      </ul>
      {alerts.note && <p className="hint">{alerts.note}</p>}
    </>
  );
}

/** While there is nothing to compare with yet: four ways in, for who sees the pages for the first time. */
function Begin({ place }: { place: Place }) {
  const say = useSay(own);
  const { can } = useSession();
  const ways = [
    { page: "chains", word: "begin_map", why: "begin_map_why", scope: "graph:read" },
    { page: "explore", word: "begin_explore", why: "begin_explore_why", scope: "graph:read" },
    { page: "lists", word: "begin_lists", why: "begin_lists_why", scope: "graph:read" },
    { page: "documents", word: "begin_documents", why: "begin_documents_why", scope: "documents:write" },
  ] as const;
  return (
    <>
      <h3>{say("begin")}</h3>
      <ul className="begin">
        {ways
          .filter(({ scope }) => can(scope))
          .map(({ page, word, why }) => (
            <li key={page}>
              <Link to={{ page, lang: place.lang }}>{say(word)}</Link> <span className="hint">{say(why)}</span>
            </li>
          ))}
      </ul>
    </>
  );
}

export function Changes({ place }: { place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const { data, failure, again } = useAsked(get("/v1/changes"));
  return (
    <section className="box">
      <h2>{say("changes")}</h2>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading />}
      {data && <p className="hint">{sentence(data.text)}</p>}
      {data && !data.compared && <Begin place={place} />}
      {data && <Alerts alerts={data.alerts} place={place} />}
      {data?.compared && (
        <>
          <h3>{say("since", { before: data.before?.as_of ?? "", after: data.after.as_of })}</h3>
          <Moves title={say("placed")} list={data.placed} place={place} />
          <Moves title={say("unplaced")} list={data.unplaced} place={place} />
          <Kind title={say("new_enterprises")} total={data.new_enterprises.total} note={data.new_enterprises.note}>
            {data.new_enterprises.items.map((firm) => (
              <li key={firm.id}>
                <Firm firm={firm} place={place} />
              </li>
            ))}
          </Kind>
          <Kind title={say("new_links")} total={data.new_links.total} note={data.new_links.note}>
            {data.new_links.items.map((link) => (
              <li key={`${link.seller.id} ${link.buyer.id}`}>
                <Firm firm={link.seller} place={place} /> → <Firm firm={link.buyer} place={place} />{" "}
                <span className="hint">
                  {money(link.amount_fen, lang, unit)} {unitName(lang, unit)}
                </span>
              </li>
            ))}
          </Kind>
          <Kind title={say("gone")} total={data.gone} />
        </>
      )}
    </section>
  );
}
