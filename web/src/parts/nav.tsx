// The way from page to page: only what the reader may open; the server refuses the rest anyway.
import { type Place, usePlace } from "../route.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import type { Word } from "../words.ts";
import { Link } from "./link.tsx";

interface Way {
  page: Place["page"];
  word: Word;
  /** Any of these scopes opens it. */
  scopes: readonly string[];
  /** Whether the page is for the owner of one firm, or for those of the bank. */
  bound: boolean;
  also?: Place["page"];
}

const WAYS: readonly Way[] = [
  { page: "chains", word: "nav_map", scopes: ["graph:read"], bound: false, also: "map" },
  { page: "explore", word: "nav_explore", scopes: ["graph:read"], bound: false },
  { page: "lists", word: "nav_lists", scopes: ["graph:read"], bound: false },
  { page: "documents", word: "nav_documents", scopes: ["documents:read"], bound: false, also: "document" },
  { page: "reviews", word: "nav_reviews", scopes: ["graph:judge", "credit:review", "credit:approve"], bound: false },
  { page: "owner", word: "nav_owner", scopes: ["credit:apply"], bound: true },
];

export function Nav() {
  const { t } = useSettings();
  const { who, can, bound } = useSession();
  const place = usePlace();
  const open = WAYS.filter((way) => way.scopes.some(can) && (way.bound === bound || (way.bound && who?.local_user === true)));
  return (
    <nav className="ways" aria-label={t("nav")}>
      {open.map((way) => (
        <Link key={way.page} to={{ page: way.page, lang: place.lang }} aria-current={place.page === way.page || place.page === way.also ? "page" : undefined}>
          {t(way.word)}
        </Link>
      ))}
    </nav>
  );
}
