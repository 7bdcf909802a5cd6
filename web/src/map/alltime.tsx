// The way back from a time of which there is nothing to show.
import { Link } from "../parts/link.tsx";
import { type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { viewOf } from "./view.ts";
import { own } from "./words.ts";

/** Nothing where the address names no time. */
export function AllTime({ place }: { place: Place }) {
  const say = useSay(own);
  const { asOf, months, before } = viewOf(place);
  if (!asOf && !months && !before) return null;
  return (
    <p>
      <Link className="button" to={withMore(place, { as_of: null, before: null, after: null, months: null })}>
        {say("time_clear")}
      </Link>
    </p>
  );
}
