// What a map's address asks of the server: one question, known before its page is there.
import { get, type Question } from "../asking.ts";
import type { Place } from "../route.ts";
import type { ChainMap } from "./paint.ts";
import { viewOf } from "./view.ts";

export function mapQuestion(place: Place): Question<ChainMap> {
  const { color, asOf, months, before } = viewOf(place);
  const query = before ? { color: "count" as const } : { color, as_of: asOf, months };
  return get("/v1/chains/{chain}/map", { path: { chain: place.chain ?? "" }, query });
}
