// What the first page needs of the server is asked for while the code of that page is still on its way.
import { prime } from "./asking.ts";
import { mapQuestion } from "./map/question.ts";
import { parse } from "./route.ts";
import { firstLang } from "./settings.ts";

export function askEarly(): void {
  const place = parse(location.pathname, location.search);
  const lang = place.lang === "zh" || place.lang === "en" ? place.lang : firstLang();
  if (place.page === "map") prime(mapQuestion(place), lang);
}
