// The path of goods drawn as a row of steps: a firm, the link to the next with its sum, and so on to the core.
import type { Schema } from "../asking.ts";
import { count } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSum } from "./overview.tsx";
import { own } from "./words.ts";

type Hop = Schema<"Hop">;

function Node({ firm, place, core }: { firm: Schema<"Named">; place: Place; core?: boolean }) {
  return (
    <Link className={core ? "node core" : "node"} to={{ page: "enterprise", id: firm.id, lang: place.lang }}>
      {core && <span className="star">★ </span>}
      <Printed>{firm.name}</Printed>
    </Link>
  );
}

/** `of`: whose path it is, so that several on a page are told apart. */
export function Steps({ hops, of, place }: { hops: readonly Hop[]; of: string; place: Place }) {
  const say = useSay(own);
  const sum = useSum();
  const last = hops.at(-1);
  return (
    <div className="sideways" tabIndex={0} role="region" aria-label={`${of}: ${say("way_scroll")}`}>
      <ol className="steps">
        {hops.map((hop) => (
          <li key={hop.from.id}>
            <Node firm={hop.from} place={place} />
            <span className="arrow">
              <Traced proof={{ of: "link", enterprise: hop.from.id, partner: hop.to.id, side: "customers" }} label={say("step_open", { from: hop.from.name, to: hop.to.name })}>
                {sum(hop.amount_fen)}
              </Traced>
              <span className="line" aria-hidden="true" />
              <small>
                <Traced proof={{ of: "link", enterprise: hop.from.id, partner: hop.to.id, side: "customers" }}>{say("step_papers", { n: count(hop.count) })}</Traced>
                {hop.items[0] && (
                  <>
                    {" · "}
                    <Printed>{hop.items[0]}</Printed>
                  </>
                )}
              </small>
              {hop.feeds === false && hop.reason && <small className="doubt">{hop.reason}</small>}
            </span>
          </li>
        ))}
        {last && (
          <li>
            <Node firm={last.to} place={place} core />
          </li>
        )}
      </ol>
    </div>
  );
}
