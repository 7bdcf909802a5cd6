// Pasting: names or codes, a line each; what was meant, what must be chosen, what was not found.
import { useState } from "react";
import { Failure, failure as failed } from "../api.ts";
import { useDeed } from "../answer.ts";
import { addressOf, post, type Schema } from "../asking.ts";
import { count, percent } from "../format.ts";
import { save } from "../map/files.ts";
import { Button, TextField } from "../parts/form.tsx";
import { type Column, Grid } from "../parts/grid.tsx";
import { Link } from "../parts/link.tsx";
import { Drop, Menu } from "../parts/overlay.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed } from "../parts/states.tsx";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { useColumns } from "./rows.tsx";
import { SaveWatch } from "./save.tsx";
import { own } from "./words.ts";

type Match = Schema<"ListMatch">;
type Matches = Schema<"ListMatches">;

const KIND = { matched: "good", ambiguous: "warn", unmatched: "red" } as const;

/** Whom the reader meant by lines that may mean several, by line. */
type Chosen = Readonly<Record<number, string>>;

/** Text, answer and choices: kept above the sheets, so that looking elsewhere loses nothing. */
export function usePasting() {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<Chosen>({});
  return { text, setText, chosen, setChosen, deed: useDeed<Matches>() };
}

/** The lines of the answer as a body for the file: what was chosen stands as its code. */
function queriesOf(found: Matches, chosen: Chosen): { name: string; code: string }[] {
  return found.items.map((match) => {
    const one = match.candidates.find(({ id }) => id === chosen[match.row]);
    return one?.code ? { name: "", code: one.code } : { name: match.name, code: match.code };
  });
}

function Candidates({ match, chosen, choose }: { match: Match; chosen: string | undefined; choose: (id: string | null) => void }) {
  const say = useSay(own);
  const { lang } = useSettings();
  return (
    <Drop kind="quiet" label={chosen ? say("chosen") : say("choose_of", { n: match.candidates.length })}>
      <fieldset className="candidates">
        <legend>{say("choose", { text: [match.name, match.code].filter(Boolean).join(" ") })}</legend>
        {match.candidates.map((one) => (
          <label key={one.id}>
            <input type="radio" name={`line${match.row}`} checked={chosen === one.id} onChange={() => choose(one.id)} />
            <Link to={{ page: "enterprise", id: one.id, lang }}>
              <Printed>{one.name}</Printed>
            </Link>{" "}
            <code>{one.code}</code> <span className="hint">{percent(one.score)}</span>
          </label>
        ))}
        <label>
          <input type="radio" name={`line${match.row}`} checked={!chosen} onChange={() => choose(null)} />
          {say("choose_none")}
        </label>
      </fieldset>
    </Drop>
  );
}

function useMatchColumns(hidden: readonly string[], chosen: Chosen, choose: (row: number, id: string | null) => void): Column<Match>[] {
  const say = useSay(own);
  const rest = useColumns(hidden).map((column): Column<Match> => ({ ...column, sort: false, cell: (match) => (match.enterprise && match.status === "matched" ? column.cell(match.enterprise) : null) }));
  return [
    { id: "row", title: "#", width: 50, number: true, cell: (match) => count(match.row) },
    {
      id: "pasted",
      title: say("pasted"),
      width: 220,
      cell: (match) => <Printed>{[match.name, match.code].filter(Boolean).join(" ")}</Printed>,
    },
    {
      id: "status",
      title: say("way"),
      width: 300,
      cell: (match) => (
        <>
          <span className={`tag ${KIND[match.status]}`}>{say(match.status)}</span> {match.again && <span className="tag">{say("again")}</span>} <span className="hint">{match.way_text}</span>
          {match.candidates.length > 0 && <Candidates match={match} chosen={chosen[match.row]} choose={(id) => choose(match.row, id)} />}
        </>
      ),
    },
    ...rest,
  ];
}

function Table({ found, chosen, choose }: { found: Matches; chosen: Chosen; choose: (row: number, id: string | null) => void }) {
  const say = useSay(own);
  const columns = useMatchColumns(found.hidden, chosen, choose);
  return <Grid label={say("paste")} columns={columns} total={found.items.length} row={(at) => found.items[at]} keyOf={(match) => String(match.row)} height="calc(100vh - 26rem)" />;
}

/** Firms that are meant for sure: matched ones, and those the reader chose. A guess is not among them. */
export function meantIds(items: readonly Pick<Match, "row" | "status" | "enterprise">[], chosen: Chosen): string[] {
  const ids = items.map(({ row, status, enterprise }) => chosen[row] ?? (status === "matched" ? enterprise?.id : undefined));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

export function Paste({ text, setText, chosen, setChosen, deed }: ReturnType<typeof usePasting>) {
  const say = useSay(own);
  const { lang } = useSettings();
  const { can } = useSession();
  const [saving, setSaving] = useState(false);
  const [wrong, setWrong] = useState<Failure | null>(null);
  const { act, busy, done, failure, clear } = deed;
  const ids = meantIds(done?.items ?? [], chosen);
  const choose = (row: number, id: string | null): void => setChosen(Object.fromEntries([...Object.entries(chosen).filter(([key]) => Number(key) !== row), ...(id ? [[String(row), id]] : [])]));
  const file = (format: "csv" | "xlsx"): void => {
    if (!done) return;
    setWrong(null);
    take(addressOf("/v1/lists/match/file", {}, { format }), { queries: queriesOf(done, chosen) }, lang, `list.${format}`).catch((error: unknown) => setWrong(error instanceof Failure ? error : new Failure(0, String(error), "unexpected")));
  };
  return (
    <section>
      <TextField label={say("paste_label")} hint={say("paste_hint")} rows={done ? 4 : 10} value={text} onChange={setText} />
      <p className="toolbar">
        <Button
          kind="main"
          isDisabled={busy || !text.trim()}
          onPress={() => {
            setChosen({});
            act(post("/v1/lists/match", { body: { text } }));
          }}
        >
          {say("match")}
        </Button>
        {busy && <span role="status">{say("matching")}</span>}
        {done && !busy && (
          <strong role="status">{say("lines", { n: count(done.items.length), m: count(done.matched), a: count(done.ambiguous - Object.keys(chosen).length), u: count(done.unmatched) })}</strong>
        )}
        <span className="grow" />
        {ids.length > 0 && can("desk:write") && <Button onPress={() => setSaving(true)}>{say("save_watch_n", { n: count(ids.length) })}</Button>}
        {done && (
          <Menu
            label={say("export")}
            deeds={[
              { id: "xlsx", label: say("as_xlsx"), act: () => file("xlsx") },
              { id: "csv", label: say("as_csv"), act: () => file("csv") },
            ]}
          />
        )}
      </p>
      {(failure ?? wrong) && <Failed failure={(failure ?? wrong) as Failure} again={failure ? clear : () => setWrong(null)} />}
      {done && <Table found={done} chosen={chosen} choose={choose} />}
      {saving && <SaveWatch ids={ids} total={ids.length} onClose={() => setSaving(false)} />}
    </section>
  );
}

/** Asks for a file with a body, and hands it to the browser. Throws `Failure`. */
async function take(url: string, body: unknown, lang: string, name: string): Promise<void> {
  const response = await fetch(url, { method: "POST", headers: { "Accept-Language": lang, "Content-Type": "application/json" }, credentials: "same-origin", body: JSON.stringify(body) });
  if (!response.ok) throw await failed(response);
  const told = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  save(await response.blob(), told ?? name);
}
