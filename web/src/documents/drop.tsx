// Where papers are handed in: dropped, chosen as files or as a whole folder.
import { DropZone, FileTrigger } from "react-aria-components";
import { count } from "../format.ts";
import { Button, TextField } from "../parts/form.tsx";
import { useSay } from "../say.ts";
import type { Sending } from "./sending.ts";
import { own } from "./words.ts";

interface Entry {
  kind: string;
  getFile?: () => Promise<File>;
  getEntries?: () => AsyncIterable<Entry>;
}

/** Every file of what was dropped, folders opened. */
async function filesIn(entries: Iterable<Entry> | AsyncIterable<Entry>): Promise<File[]> {
  const found: File[] = [];
  for await (const entry of entries) {
    if (entry.getFile) found.push(await entry.getFile());
    else if (entry.getEntries) found.push(...(await filesIn(entry.getEntries())));
  }
  return found;
}

export function Drop({ sending, owner, setOwner, give, again }: { sending: Sending; owner: string; setOwner: (owner: string) => void; give: (files: readonly File[]) => void; again: () => void }) {
  const say = useSay(own);
  const picked = (list: FileList | null): void => give([...(list ?? [])]);
  return (
    <section className="box handin" aria-label={say("drop_title")}>
      <DropZone className="dropzone" aria-label={say("drop_title")} isDisabled={sending.busy} onDrop={(event) => void filesIn(event.items as unknown as Entry[]).then(give)}>
        <h2>{say("drop_title")}</h2>
        <p className="hint">{say("drop_kinds")}</p>
        <p className="deeds">
          <FileTrigger allowsMultiple onSelect={picked}>
            <Button kind="main" isDisabled={sending.busy}>
              {say("pick_files")}
            </Button>
          </FileTrigger>
          <FileTrigger acceptDirectory onSelect={picked}>
            <Button isDisabled={sending.busy}>{say("pick_folder")}</Button>
          </FileTrigger>
        </p>
      </DropZone>
      <TextField label={say("owner")} hint={say("owner_hint")} value={owner} onChange={setOwner} maxLength={40} />
      <div role="status" className="sendstate">
        {sending.busy && (
          <>
            <span>{say("sending", { done: count(sending.done), total: count(sending.total) })}</span> <progress value={sending.done} max={Math.max(1, sending.total)} aria-label={say("sending", { done: sending.done, total: sending.total })} />
          </>
        )}
        {!sending.busy && sending.done > 0 && <span>{say("sent", { n: count(sending.done) })}</span>}
        {sending.empty > 0 && <p className="hint">{say("too_many", { n: count(sending.total + sending.empty), empty: count(sending.empty) })}</p>}
      </div>
      {!sending.busy && sending.left.length > 0 && <Left sending={sending} again={again} />}
      {sending.refused.map(({ name, why }) => (
        <p key={name} className="wrong">
          {say("refused", { name, why })}
        </p>
      ))}
    </section>
  );
}

function Left({ sending, again }: { sending: Sending; again: () => void }) {
  const say = useSay(own);
  const n = count(sending.left.reduce((sum, { files }) => sum + files.length, 0));
  return (
    <p className="wrong" role="alert">
      {say("send_failed", { n, why: sending.why })} <Button onPress={again}>{say("send_again", { n })}</Button>
    </p>
  );
}
