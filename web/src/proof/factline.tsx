// A fact as one line of a list: what it is, its number, day and amount; until they are read, its id.
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { MISSING, money, sentence, unitName } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { proven } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSettings } from "../settings.ts";

export function FactLine({ place, fact }: { place: Place; fact: string }) {
  const { lang } = useSettings();
  const { data } = useAsked(get("/v1/facts/{fact}", { path: { fact } }));
  const number = data?.values.find(({ name }) => name === "number")?.value;
  return (
    <div className="factline">
      <Link to={proven(place, { of: "fact", fact })}>{data ? sentence(data.kind_text) : <code>{fact}</code>}</Link>
      {data && (
        <>
          <span className={(data.amount_fen ?? 0) < 0 ? "number negative" : "number"}>{data.amount_fen === null ? MISSING : `${money(data.amount_fen, lang, "one")} ${unitName(lang, "one")}`}</span>
          <span className="hint">
            {data.happened_on} {number && <code>{number}</code>}
          </span>
        </>
      )}
    </div>
  );
}
