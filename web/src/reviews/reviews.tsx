// Reviews: what waits for a person, a sheet for each kind; only those that the reader's role may deal with.
import { Link } from "../parts/link.tsx";
import { Empty, Loading } from "../parts/states.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { go, href, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useTitle } from "../title.ts";
import { Credit } from "./credit.tsx";
import { Loans } from "./loans.tsx";
import "./reviews.css";
import { Warnings } from "./warnings.tsx";
import { Who } from "./who.tsx";
import { own } from "./words.ts";

/** Each sheet with the scopes that open it, all of them, and what it lives on. */
const SHEETS = [
  { id: "who", word: "sheet_who", scopes: ["graph:read", "graph:judge"], operation: "list_reviews", Body: Who },
  { id: "credit", word: "sheet_credit", scopes: ["credit:read", "credit:review"], operation: "review_decision", Body: Credit },
  { id: "loans", word: "sheet_loans", scopes: ["portfolios:read", "credit:approve"], operation: "approve_loan", Body: Loans },
  { id: "warnings", word: "sheet_warnings", scopes: ["portfolios:read"], operation: "list_portfolios", Body: Warnings },
] as const;

export default function Reviews({ place }: { place: Place }) {
  const say = useSay(own);
  const { who, can, may } = useSession();
  const mine = SHEETS.filter(({ scopes, operation }) => scopes.every(can) && may(operation));
  const wanted = SHEETS.find(({ id }) => id === place.more?.["sheet"]);
  const open = mine.find(({ id }) => id === wanted?.id) ?? mine[0];
  useTitle(open ? say(open.word) : say("title"));
  const keys = place.more?.["keys"];
  return (
    <main id="content" className="page reviews" tabIndex={-1}>
      <div className="heading">
        <h1>{say("title")}</h1>
        <p className="hint">{say("lead")}</p>
      </div>
      {!who && <Loading />}
      {who && !open && (
        <Empty>
          <p>{say(who.signed_in ? "no_sheet" : "signed_out")}</p>
          {!who.signed_in && (
            <Link className="button main" to={{ page: "sign-in", more: { next: href({ ...place, lang: undefined }) }, lang: place.lang }}>
              {say("sign_in")}
            </Link>
          )}
        </Empty>
      )}
      {open && wanted && wanted.id !== open.id && (
        <p className="notyours" role="status">
          {say("not_yours", { sheet: say(wanted.word) })}
        </p>
      )}
      {open && (
        <Tabs
          label={say("title")}
          open={open.id}
          onOpen={(sheet) => go(withMore({ page: "reviews", lang: place.lang }, { sheet: sheet === "who" ? null : sheet, keys }))}
          sheets={mine.map(({ id, word, Body }) => ({ id, title: say(word), children: <Body place={place} /> }))}
        />
      )}
    </main>
  );
}
