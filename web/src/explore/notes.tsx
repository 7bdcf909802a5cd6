// Notes on a firm: what was written, and one more.
import { useCallback, useState } from "react";
import { useAsked, useDeed } from "../answer.ts";
import { get, post, type Schema } from "../asking.ts";
import { Button, Checkbox, TextField } from "../parts/form.tsx";
import { Dialog } from "../parts/overlay.tsx";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { own } from "./words.ts";

/** On a firm, or on the link from a seller to a buyer. */
export type On = { enterprise: string } | { seller: string; buyer: string };

export function Notes({ on }: { on: On }) {
  const say = useSay(own);
  const { can, may } = useSession();
  const [open, setOpen] = useState(false);
  const list = useAsked(may("list_notes") ? get("/v1/notes", { query: { ...on, limit: 20 } }) : null);
  if (!may("list_notes")) return null;
  return (
    <section>
      <h3>{say("notes")}</h3>
      {list.data && !list.data.items.length && <p className="hint">{say("no_notes")}</p>}
      <ul className="found">
        {list.data?.items.map((note) => (
          <li key={note.id}>
            {note.text}
            <div className="hint">
              {note.by} · {note.changed.slice(0, 10)}
            </div>
          </li>
        ))}
      </ul>
      {can("desk:write") && <Button onPress={() => setOpen(true)}>{say("add_note")}</Button>}
      {open && (
        <NoteForm
          on={on}
          onClose={() => {
            setOpen(false);
            list.again();
          }}
        />
      )}
    </section>
  );
}

function NoteForm({ on, onClose }: { on: On; onClose: () => void }) {
  const say = useSay(own);
  const [text, setText] = useState("");
  const [shared, setShared] = useState(false);
  const after = useCallback(() => onClose(), [onClose]);
  const { act, busy, failure } = useDeed<Schema<"NoteAnswer">>(after);
  return (
    <Dialog title={say("add_note")} open onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          act(post("/v1/notes", { body: { ...on, text: text.trim(), shared } }));
        }}
      >
        <TextField label={say("note_text")} value={text} onChange={setText} rows={4} maxLength={4000} autoFocus error={failure?.detail} />
        <Checkbox isSelected={shared} onChange={setShared}>
          {say("note_shared")}
        </Checkbox>
        <Button kind="main" type="submit" isDisabled={busy || !text.trim()}>
          {say("save")}
        </Button>
      </form>
    </Dialog>
  );
}
