// Saving what stands in a table as a watchlist: a name, who sees it, whether it tells of changes.
import { useState } from "react";
import { Failure } from "../api.ts";
import { forget } from "../answer.ts";
import { asked, get, post } from "../asking.ts";
import { count } from "../format.ts";
import { Button, Checkbox, TextField } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Dialog } from "../parts/overlay.tsx";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import type { Query } from "./rows.tsx";
import { own } from "./words.ts";

const MOST = 5000;
const PAGE = 1000;

/** Ids of everybody who fits a query, read page by page. */
async function idsOf(query: NonNullable<Query>, total: number, lang: string): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = 0; offset < total; offset += PAGE) {
    const page = await asked(get("/v1/lists/screen", { query: { ...query, limit: PAGE, offset } }), lang);
    ids.push(...page.items.map((row) => row.id));
  }
  return ids;
}

export function SaveWatch({ query, ids, total, onClose }: { query?: NonNullable<Query>; ids?: readonly string[]; total: number; onClose: () => void }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [alerts, setAlerts] = useState(true);
  const [told, setTold] = useState<{ busy?: boolean; saved?: number; wrong?: string }>({});
  const tooMany = total > MOST;
  const save = (): void => {
    setTold({ busy: true });
    const all = ids ? Promise.resolve([...ids]) : idsOf(query ?? {}, total, lang);
    all
      .then((enterprises) => asked(post("/v1/watchlists", { body: { name: name.trim(), enterprises, shared, alerts } }), lang))
      .then(
        (made) => {
          forget();
          setTold({ saved: made.watchlist.size });
        },
        (error: unknown) => setTold({ wrong: error instanceof Failure ? error.detail : String(error) }),
      );
  };
  return (
    <Dialog title={say("save_watch")} open onClose={onClose}>
      {told.saved !== undefined ? (
        <p role="status">
          {say("saved", { n: count(told.saved), name: name.trim() })} <Link to={{ page: "lists", more: { sheet: "watch" }, lang }}>{say("watch")}</Link>
        </p>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          {tooMany && <p className="wrong">{say("too_many", { n: count(total) })}</p>}
          <TextField label={say("watch_name")} value={name} onChange={setName} maxLength={100} autoFocus error={told.wrong} />
          <Checkbox isSelected={shared} onChange={setShared}>
            {say("shared")}
          </Checkbox>
          <Checkbox isSelected={alerts} onChange={setAlerts}>
            {say("alerts")}
          </Checkbox>
          <Button kind="main" type="submit" isDisabled={tooMany || !name.trim() || told.busy === true}>
            {say("save")}
          </Button>
        </form>
      )}
    </Dialog>
  );
}
