// A figure that no single paper holds: how it was worked out, from what, and by which versions; each row opens further.
import { useAsked } from "../answer.ts";
import type { Question, Schema } from "../asking.ts";
import { money, unitName } from "../format.ts";
import { PanelHeading } from "../parts/heading.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { type Given, type Proof, proven, queryOf, Traced, type What } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { own } from "./words.ts";

type Worked = Schema<"WorkedProof">;
type Row = Schema<"ProofRow">;

/** Every kind of such a proof is a route of its own with one and the same answer. */
function question(what: What, given: Given): Question<Worked> {
  const url = `/v1/proofs/${what}?${queryOf(given)}`;
  return { method: "get", url, key: `get ${url} ` };
}

/** Where a row goes on to; null: it ends here. */
export function onward(opens: Row["opens"]): Proof | null {
  if (!opens) return null;
  const { of, id, partner, name, what } = opens;
  if (of === "fact" && id) return { of, fact: id };
  if (of === "link" && id && partner) return { of, enterprise: id, partner, side: "customers" };
  if (of === "decision" && id) return { of, decision: id };
  if (of === "feature" && id && name) return { of, enterprise: id, name };
  return of === "worked" && what ? { of, what, given: opens.given ?? {} } : null;
}

function Text({ row, place }: { row: Row; place: Place }) {
  if (row.opens?.of === "enterprise" && row.opens.id) {
    return (
      <Link to={{ page: "enterprise", id: row.opens.id, lang: place.lang }}>
        <Printed>{row.text}</Printed>
      </Link>
    );
  }
  return <Printed>{row.text}</Printed>;
}

function Rows({ part, place }: { part: Schema<"ProofPart">; place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  return (
    <section>
      <h3>{part.label}</h3>
      <table className="plain">
        <tbody>
          {part.rows.map((row, at) => {
            const proof = onward(row.opens);
            const figure = typeof row.amount_fen === "number" ? money(row.amount_fen, lang, unit) : (row.value ?? null);
            return (
              <tr key={at}>
                <td>
                  {figure === null && proof ? (
                    <Link to={proven(place, proof)} className="traced">
                      <Printed>{row.text}</Printed>
                    </Link>
                  ) : (
                    <Text row={row} place={place} />
                  )}
                  {row.hint && <div className="hint">{row.hint}</div>}
                </td>
                <td className={(row.amount_fen ?? 0) < 0 ? "number negative" : "number"}>
                  {figure !== null && (
                    <Traced proof={proof} label={`${row.text}: ${figure}`}>
                      {figure}
                    </Traced>
                  )}
                  {typeof row.amount_fen === "number" && <small> {unitName(lang, unit)}</small>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {part.note && (
        <p className="hint">
          {say("largest")} {part.note}
        </p>
      )}
    </section>
  );
}

export function WorkedOut({ place, what, given }: { place: Place; what: What; given: Given }) {
  const { lang, unit } = useSettings();
  const say = useSay(own);
  const { data, failure, again } = useAsked(question(what, given));
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  return (
    <>
      <PanelHeading>
        <Printed>{data.title}</Printed>
      </PanelHeading>
      <p className="hint">{data.about && <Printed>{data.about.name}</Printed>}</p>
      {typeof data.amount_fen === "number" ? (
        <p className={data.amount_fen < 0 ? "large negative" : "large"}>
          {money(data.amount_fen, lang, unit)} <small>{unitName(lang, unit)}</small>
        </p>
      ) : (
        data.value && <p className="large">{data.value}</p>
      )}
      <p className="why">{data.text}</p>
      {data.parts.map((part) => (
        <Rows key={part.name} part={part} place={place} />
      ))}
      <section>
        <h3>{say("worked_by")}</h3>
        <dl className="facts">
          {data.grounds.map((ground) => (
            <div key={ground.name}>
              <dt>{ground.label}</dt>
              <dd>
                <Printed>{ground.text}</Printed>
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
