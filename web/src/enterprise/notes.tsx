// Notes of the desk on this firm: own and shared ones, and a field to write another.
import { useState } from "react";
import { useDeed } from "../answer.ts";
import { get, post, remove } from "../asking.ts";
import { Button, Checkbox, TextField } from "../parts/form.tsx";
import { Failed } from "../parts/states.tsx";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { Block } from "./block.tsx";
import type { SheetProps } from "./enterprise.tsx";
import { Firm } from "./overview.tsx";
import { own } from "./words.ts";

function Write({ id, after }: { id: string; after: () => void }) {
  const say = useSay(own);
  const [text, setText] = useState("");
  const [shared, setShared] = useState(false);
  const { act, busy, failure, clear } = useDeed(() => {
    setText("");
    after();
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) act(post("/v1/notes", { body: { enterprise: id, text: text.trim(), shared } }));
      }}
    >
      <TextField label={say("note_text")} rows={2} value={text} onChange={setText} maxLength={4000} />
      <div className="toolbar">
        <Checkbox isSelected={shared} onChange={setShared}>
          {say("note_shared")}
        </Checkbox>
        <Button type="submit" isDisabled={busy || !text.trim()}>
          {say("note_save")}
        </Button>
      </div>
      {failure && <Failed failure={failure} again={clear} />}
    </form>
  );
}

function Delete({ note, after }: { note: string; after: () => void }) {
  const say = useSay(own);
  const { act, busy, failure, clear } = useDeed(after);
  if (failure) return <Failed failure={failure} again={clear} />;
  return (
    <Button kind="quiet" isDisabled={busy} onPress={() => act(remove("/v1/notes/{note}", { path: { note } }))}>
      {say("note_delete")}
    </Button>
  );
}

export function Notes({ one, place }: SheetProps) {
  const say = useSay(own);
  const { can } = useSession();
  return (
    <Block title={say("notes")} scope="graph:read" question={get("/v1/notes", { query: { enterprise: one.id } })}>
      {(data, again) => (
        <>
          {data.items.length === 0 && <p className="hint">{say("notes_none")}</p>}
          <ul className="stands notes">
            {data.items.map((note) => (
              <li key={note.id}>
                <p>{note.text}</p>
                <p className="hint">
                  {note.by} · {note.changed.slice(0, 10)} · {say(note.shared ? "note_shared" : "note_private")}
                  {note.partner && (
                    <>
                      {" · "}
                      <Firm firm={note.partner} place={place} />
                    </>
                  )}
                  {note.own && <Delete note={note.id} after={again} />}
                </p>
              </li>
            ))}
          </ul>
          {can("desk:write") && <Write id={one.id} after={again} />}
        </>
      )}
    </Block>
  );
}
