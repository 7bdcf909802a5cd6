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
  /** What the page lives on: closed to who may call none of these. */
  operations: readonly string[];
  /** Whether the page is for the owner of one firm, or for those of the bank. */
  outside: boolean;
  also?: Place["page"];
}

const WAYS: readonly Way[] = [
  { page: "chains", word: "nav_map", scopes: ["graph:read"], operations: ["chain_map"], outside: false, also: "map" },
  { page: "explore", word: "nav_explore", scopes: ["graph:read"], operations: ["expand"], outside: false },
  { page: "lists", word: "nav_lists", scopes: ["graph:read"], operations: ["screen"], outside: false },
  { page: "documents", word: "nav_documents", scopes: ["documents:read"], operations: ["list_documents"], outside: false, also: "document" },
  { page: "reviews", word: "nav_reviews", scopes: ["graph:judge", "credit:review", "credit:approve"], operations: ["list_reviews", "review_decision", "approve_loan"], outside: false },
  { page: "owner", word: "nav_owner", scopes: ["credit:apply"], operations: ["apply_for_credit"], outside: true },
];

export function Nav() {
  const { t } = useSettings();
  const { who, can, may, outside } = useSession();
  const place = usePlace();
  const open = WAYS.filter((way) => way.scopes.some(can) && way.operations.some(may) && (way.outside === outside || (way.outside && who?.local_user === true)));
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
