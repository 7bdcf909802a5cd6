// Watchlists: mine and shared ones, their firms as a table, and what changed about them.
import { useState } from "react";
import { useAsked, useDeed } from "../answer.ts";
import { get, patch, remove } from "../asking.ts";
import { count, day } from "../format.ts";
import { Button } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Dialog } from "../parts/overlay.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { Screen } from "./screen.tsx";
import { own } from "./words.ts";

function Alerts({ id, place }: { id: string; place: Place }) {
  const say = useSay(own);
  const { data, failure, again } = useAsked(get("/v1/watchlists/{watchlist}/alerts", { path: { watchlist: id } }));
  return (
    <section className="box">
      <h2>{say("alerts_of")}</h2>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading />}
      {data && <p className="hint">{data.text}</p>}
      {data?.items.length === 0 && <p>{say("no_alerts")}</p>}
      <ul className="stands">
        {data?.items.map((alert) => (
          <li key={alert.id}>
            <Link to={{ page: "enterprise", id: alert.enterprise.id, lang: place.lang }}>
              <Printed>{alert.enterprise.name}</Printed>
            </Link>{" "}
            {alert.text}
          </li>
        ))}
      </ul>
      {data?.note && <p className="hint cut">{data.note}</p>}
    </section>
  );
}

export function Watch({ place }: { place: Place }) {
  const say = useSay(own);
  const { data, failure, again } = useAsked(get("/v1/watchlists"));
  const { act, busy, failure: refused, clear } = useDeed<unknown>();
  const [going, setGoing] = useState<string | null>(null);
  const id = place.more?.["watchlist"];
  const open = data?.items.find((one) => one.id === id);
  const lost = data?.items.find((one) => one.id === going);
  const change = (watchlist: string, body: { shared?: boolean; alerts?: boolean }): void => act(patch("/v1/watchlists/{watchlist}", { path: { watchlist }, body }));
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  if (!data.items.length) return <Empty>{say("no_watch")}</Empty>;
  return (
    <>
      <ul className="cards watchlists">
        {data.items.map((one) => (
          <li key={one.id} className="card">
            <h2>
              <Link to={withMore(place, { watchlist: one.id })} aria-current={one.id === id ? "true" : undefined}>
                {one.name}
              </Link>
            </h2>
            <p className="hint">
              {say("watch_size", { n: count(one.size) })} · {say("watch_by", { by: one.by })} · {day(one.changed)} {one.shared && <span className="tag">{say("is_shared")}</span>} {one.alerts && <span className="tag">{say("tells")}</span>}
            </p>
            {one.own && (
              <p className="deeds">
                <Button kind="quiet" isDisabled={busy} onPress={() => change(one.id, { shared: !one.shared })}>
                  {say(one.shared ? "unshare" : "share")}
                </Button>
                <Button kind="quiet" isDisabled={busy} onPress={() => change(one.id, { alerts: !one.alerts })}>
                  {say(one.alerts ? "alerts_off" : "alerts_on")}
                </Button>
                <Button kind="quiet" isDisabled={busy} onPress={() => setGoing(one.id)}>
                  {say("delete")}
                </Button>
              </p>
            )}
          </li>
        ))}
      </ul>
      {refused && <Failed failure={refused} again={clear} />}
      {lost && (
        <Dialog title={say("delete")} open onClose={() => setGoing(null)}>
          <p>{say("delete_sure", { name: lost.name, n: count(lost.size) })}</p>
          <p className="toolbar">
            <Button
              kind="grave"
              onPress={() => {
                setGoing(null);
                act(remove("/v1/watchlists/{watchlist}", { path: { watchlist: lost.id } }));
              }}
            >
              {say("delete")}
            </Button>
            <Button onPress={() => setGoing(null)}>{say("kept")}</Button>
          </p>
        </Dialog>
      )}
      {open && (
        <>
          <Alerts id={open.id} place={place} />
          <Screen place={place} watchlist={open.id} title={open.name} />
        </>
      )}
    </>
  );
}
