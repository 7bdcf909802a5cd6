// Saved and shared views of the explorer: keep this one, open another, share or delete.
import { useCallback, useState } from "react";
import { Failure } from "../api.ts";
import { useAsked, useDeed } from "../answer.ts";
import { asked, get, patch, post, remove, type Schema } from "../asking.ts";
import { Button, Checkbox, TextField } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Dialog, Menu } from "../parts/overlay.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { href, type Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import type { Explorer } from "./explorer.ts";
import { stateOf } from "./view.ts";
import { own } from "./words.ts";

type Saved = Schema<"View">;

export function Views({ explorer, place }: { explorer: Explorer; place: Place }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const { can, may } = useSession();
  const [open, setOpen] = useState<"save" | "list" | null>(null);
  const { saved, view } = explorer;
  const over = (): void => {
    if (saved) void asked(patch("/v1/views/{view}", { path: { view: saved.id }, body: { state: stateOf(view) } }), lang).then((answer) => explorer.keep(answer.view, view));
  };
  const deeds = [
    ...(can("desk:write") && view.ids.length ? [{ id: "save", label: say("save_view"), act: () => setOpen("save") }] : []),
    ...(can("desk:write") && saved?.own ? [{ id: "over", label: `${say("overwrite")} · ${saved.name}`, act: over }] : []),
    { id: "list", label: say("open_view"), act: () => setOpen("list") },
  ];
  if (!may("list_views")) return null;
  return (
    <>
      <Menu label={saved ? `${say("views")} · ${saved.name}` : say("views")} deeds={deeds} />
      {open === "save" && <Save explorer={explorer} place={place} onClose={() => setOpen(null)} />}
      {open === "list" && <List place={place} onClose={() => setOpen(null)} />}
    </>
  );
}

function addressOf(id: string, place: Place): Place {
  return { page: "explore", more: { view_id: id }, lang: place.lang };
}

function Save({ explorer, place, onClose }: { explorer: Explorer; place: Place; onClose: () => void }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [state, setState] = useState<{ busy?: boolean; kept?: Saved; wrong?: string }>({});
  const save = (): void => {
    setState({ busy: true });
    const { view } = explorer;
    asked(post("/v1/views", { body: { name: name.trim(), kind: "explorer", state: stateOf(view), shared } }), lang).then(
      (answer) => {
        explorer.keep(answer.view, view);
        setState({ kept: answer.view });
      },
      (error: unknown) => setState({ wrong: error instanceof Failure ? error.detail : String(error) }),
    );
  };
  return (
    <Dialog title={say("save_view")} open onClose={onClose}>
      {state.kept ? (
        <p role="status">
          {say("view_kept")} <Link to={addressOf(state.kept.id, place)}>{href(addressOf(state.kept.id, { ...place, lang: undefined }))}</Link>
        </p>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <TextField label={say("view_name")} value={name} onChange={setName} maxLength={100} autoFocus error={state.wrong} />
          <Checkbox isSelected={shared} onChange={setShared}>
            {say("view_shared")}
          </Checkbox>
          <Button kind="main" type="submit" isDisabled={state.busy === true || !name.trim()}>
            {say("save")}
          </Button>
        </form>
      )}
    </Dialog>
  );
}

function List({ place, onClose }: { place: Place; onClose: () => void }) {
  const say = useSay(own);
  const { can } = useSession();
  const list = useAsked(get("/v1/views", { query: { kind: "explorer", limit: 100 } }));
  const again = useCallback(() => list.again(), [list.again]);
  const { act, busy, failure } = useDeed<unknown>(again);
  const may = can("desk:write");
  return (
    <Dialog title={say("open_view")} open onClose={onClose}>
      {list.failure && <Failed failure={list.failure} again={list.again} />}
      {!list.data && !list.failure && <Loading />}
      {list.data && !list.data.items.length && <p>{say("no_views")}</p>}
      <ul className="kept">
        {list.data?.items.map((one) => (
          <li key={one.id}>
            <span onClick={onClose}>
              <Link to={addressOf(one.id, place)}>{one.name}</Link>
            </span>
            <span className="hint">
              {one.shared && !one.own ? say("shared_view", { by: one.by }) : say("own_view")} · {one.changed.slice(0, 10)}
            </span>
            {may && one.own && (
              <span className="deeds">
                <Button kind="quiet" isDisabled={busy} aria-label={`${say(one.shared ? "unshare" : "share_view")} ${one.name}`} onPress={() => act(patch("/v1/views/{view}", { path: { view: one.id }, body: { shared: !one.shared } }))}>
                  {say(one.shared ? "unshare" : "share_view")}
                </Button>
                <Button kind="quiet" isDisabled={busy} aria-label={`${say("remove")} ${one.name}`} onPress={() => act(remove("/v1/views/{view}", { path: { view: one.id } }))}>
                  {say("remove")}
                </Button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {failure && <p className="wrong">{failure.detail}</p>}
    </Dialog>
  );
}
