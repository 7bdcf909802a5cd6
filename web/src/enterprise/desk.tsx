// What the desk does with an enterprise: puts it on a watchlist, takes its report, looks at it elsewhere.
import { useAsked, useDeed } from "../answer.ts";
import { get, patch, post, type Schema } from "../asking.ts";
import { Link } from "../parts/link.tsx";
import { Menu } from "../parts/overlay.tsx";
import { Failed } from "../parts/states.tsx";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSave } from "./download.tsx";
import type { SheetProps } from "./enterprise.tsx";
import { own } from "./words.ts";

function Watch({ id }: { id: string }) {
  const say = useSay(own);
  const lists = useAsked(get("/v1/watchlists"));
  const { act, busy, done, failure, clear } = useDeed<Schema<"WatchlistAnswer">>();
  const mine = lists.data?.items.filter((one) => one.own) ?? [];
  const first = say("watch_first");
  const deeds = mine.map((one) => ({ id: one.id, label: one.name, act: () => act(patch("/v1/watchlists/{watchlist}", { path: { watchlist: one.id }, body: { add: [id] } })) }));
  const make = { id: "new", label: say("watch_new", { name: first }), act: () => act(post("/v1/watchlists", { body: { name: first, enterprises: [id] } })) };
  if (failure) return <Failed failure={failure} again={clear} />;
  return (
    <>
      <Menu kind="plain" label={busy ? "…" : say("watch")} deeds={mine.some((one) => one.name === first) ? deeds : [...deeds, make]} />
      <span role="status" className="hint">
        {done && say("watched", { name: done.watchlist.name })}
      </span>
    </>
  );
}

export function Desk({ one, place }: SheetProps) {
  const say = useSay(own);
  const { can } = useSession();
  const reports = can("features:read") && can("credit:read") && can("documents:read");
  const file = useSave();
  const report = (format: string) => ({ id: format, label: say(format === "pdf" ? "report_pdf" : "report_docx"), act: () => file.save(`/v1/enterprises/${one.id}/report?format=${format}`, `${say("report")}-${one.name}.${format}`) });
  return (
    <div className="deskbar">
      {can("desk:write") && <Watch id={one.id} />}
      <Link className="button" to={{ page: "explore", more: { from: one.id }, lang: place.lang }}>
        {say("in_explorer")}
      </Link>
      {reports && <Menu kind="main" label={file.busy ? `${say("report")} …` : say("report")} deeds={[report("docx"), report("pdf")]} />}
      {file.failure && <Failed failure={file.failure} again={file.clear} />}
    </div>
  );
}
