// Upwards from a paper: the fact that was read, the link it is evidence of, the decisions that rest on it.
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { count, money, unitName } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Drop } from "../parts/overlay.tsx";
import { proven, Traced } from "../parts/traced.tsx";
import { type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { own } from "./words.ts";

export type Fact = Schema<"FactAnswer">;
type Facts = Schema<"DocumentFacts">;

/** Decisions named in the strip; the fact's own proof has more. */
const NAMED = 3;

function OneFact({ fact, place, only }: { fact: Fact; place: Place; only: boolean }) {
  const say = useSay(own);
  const number = fact.values.find(({ name }) => name === "number" || name === "serial")?.value ?? "";
  const { link } = fact;
  return (
    <ol className="rungs">
      <li>
        <Traced proof={{ of: "fact", fact: fact.fact }}>{say("up_fact", { kind: fact.kind_text, number })}</Traced>
        {!only && (
          <Link className="hint" to={withMore(place, { fact: null, row: null })}>
            {say("leave_fact")}
          </Link>
        )}
      </li>
      {link && (
        <li>
          <Traced proof={{ of: "link", enterprise: link.seller.id, partner: link.buyer.id, side: "customers" }}>{say("up_link", { seller: link.seller.name, buyer: link.buyer.name, n: count(link.count) })}</Traced>
        </li>
      )}
      {fact.decisions.slice(0, NAMED).map((decision) => (
        <li key={decision.id}>
          <Link className="traced" to={proven(place, { of: "decision", decision: decision.id })}>
            {say("up_decision", { id: decision.id.slice(0, 8), status: decision.status_text })}
          </Link>
        </li>
      ))}
      {fact.decisions_total > NAMED && (
        <li>
          <Traced proof={{ of: "fact", fact: fact.fact }}>{say("up_more", { n: count(fact.decisions_total - NAMED) })}</Traced>
        </li>
      )}
      {!link && fact.decisions.length === 0 && <li className="hint">{say("up_none")}</li>}
    </ol>
  );
}

/** The facts of a paper that says several, for choosing one. */
function Several({ facts, place }: { facts: Facts; place: Place }) {
  const say = useSay(own);
  const { lang } = useSettings();
  return (
    <Drop kind="quiet" label={say("choose_fact")}>
      <ul className="stands choosing">
        {facts.items.map((one) => (
          <li key={one.fact}>
            <Link to={withMore(place, { fact: one.fact, row: one.row })}>
              {one.kind_text} {one.number ?? ""}
            </Link>{" "}
            <span className="hint">
              {one.row !== null && say("row_n", { n: count(one.row) })} {one.happened_on} {one.amount_fen !== null && `${money(one.amount_fen, lang, "one")} ${unitName(lang, "one")}`}
            </span>
          </li>
        ))}
      </ul>
      {facts.note && <p className="hint">{facts.note}</p>}
    </Drop>
  );
}

/** `chosen`: id of the fact in the address, or of the only one; `fact` what is known of it by now. */
export function Strip({ place, chosen, fact, gone, facts, table }: { place: Place; chosen: string | null; fact: Fact | undefined; gone: string | undefined; facts: Facts | undefined; table: boolean }) {
  const say = useSay(own);
  return (
    <nav className="upward" aria-label={say("up")}>
      <strong>↑ {say("up")}</strong>
      {fact && <OneFact fact={fact} place={place} only={facts?.total === 1} />}
      {!fact && chosen && gone !== undefined && <span className="hint">{gone || say("up_gone")}</span>}
      {!chosen && facts && <span className="hint">{facts.total === 0 ? say("up_zero") : say(table ? "up_many" : "up_many_papers", { n: count(facts.total) })}</span>}
      {facts && facts.total > 1 && <Several facts={facts} place={place} />}
    </nav>
  );
}

export function useFactOf(sha256: string, wanted: string | undefined): { chosen: string | null; fact: Fact | undefined; gone: string | undefined; facts: Facts | undefined; again: () => void } {
  const { data: facts, again: factsAgain } = useAsked(get("/v1/documents/{sha256}/facts", { path: { sha256 } }));
  const only = facts?.total === 1 ? facts.items[0]?.fact : undefined;
  // A correction may give a paper's only fact a new id: then the address names one that is gone.
  const chosen = only ?? wanted ?? null;
  const { data: fact, failure, again } = useAsked(chosen === null ? null : get("/v1/facts/{fact}", { path: { fact: chosen } }));
  return {
    chosen,
    fact,
    gone: failure ? failure.detail : undefined,
    facts,
    again: () => {
      factsAgain();
      again();
    },
  };
}
