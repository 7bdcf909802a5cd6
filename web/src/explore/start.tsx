// What the explorer shows while nothing was chosen: where to start from, or what has to come first.
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { sentence } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Failed } from "../parts/states.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { own } from "./words.ts";

const TOP = 200;

/** What to start from while nothing is shown. */
export function Start({ place }: { place: Place }) {
  const say = useSay(own);
  const chains = useAsked(get("/v1/chains"));
  if (chains.failure?.code === "no_snapshot")
    return (
      <div className="state">
        <p>{say("no_data")}</p>
        <Link className="button main" to={{ page: "documents", lang: place.lang }}>
          {say("to_documents")}
        </Link>
      </div>
    );
  if (chains.failure) return <Failed failure={chains.failure} again={chains.again} />;
  return (
    <div className="state start">
      <h2>{say("empty_title")}</h2>
      <p>{say("empty_do")}</p>
      <ul>
        {chains.data?.items
          .filter(({ enterprises }) => enterprises > 0)
          .map(({ id, name, enterprises }) => (
            <li key={id}>
              <Link className="button" to={{ page: "explore", more: { chain: id, top: String(Math.min(TOP, enterprises)) }, lang: place.lang }}>
                {say("top_of", { name: sentence(name), n: Math.min(TOP, enterprises) })}
              </Link>
            </li>
          ))}
      </ul>
    </div>
  );
}
