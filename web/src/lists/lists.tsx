// Lists: screen all enterprises, paste a list, or open a watchlist.
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { Link } from "../parts/link.tsx";
import { Empty } from "../parts/states.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useTitle } from "../title.ts";
import "./lists.css";
import { Paste, usePasting } from "./paste.tsx";
import { Screen } from "./screen.tsx";
import { Watch } from "./watch.tsx";
import { own } from "./words.ts";

const SHEETS = ["screen", "paste", "watch"] as const;

export default function Lists({ place }: { place: Place }) {
  const say = useSay(own);
  const open = SHEETS.find((sheet) => sheet === place.more?.["sheet"]) ?? "screen";
  const empty = useAsked(get("/v1/chains")).failure?.code === "no_snapshot";
  const pasting = usePasting();
  useTitle(say("title"));
  return (
    <main id="content" className="page lists" tabIndex={-1}>
      <div className="heading">
        <h1>{say("title")}</h1>
        <p className="hint">{say("lead")}</p>
      </div>
      {empty ? (
        <Empty>
          <p>{say("nothing")}</p>
          <Link className="button main" to={{ page: "documents", lang: place.lang }}>
            {say("to_documents")}
          </Link>
        </Empty>
      ) : (
      <Tabs
        label={say("title")}
        open={open}
        onOpen={(sheet) => go(withMore({ page: "lists", lang: place.lang }, { sheet: sheet === "screen" ? null : sheet }))}
        sheets={[
          { id: "screen", title: say("screen"), children: <Screen place={place} /> },
          { id: "paste", title: say("paste"), children: <Paste {...pasting} /> },
          { id: "watch", title: say("watch"), children: <Watch place={place} /> },
        ]}
      />
      )}
    </main>
  );
}
