// Pasting: names or codes, a line each; what was meant, what must be chosen, what was not found.
import { type ReactNode, useState } from "react";
import { Failure, failure as failed } from "../api.ts";
import { useDeed } from "../answer.ts";
import { addressOf, asked, post, type Schema } from "../asking.ts";
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
import { type Row, useColumns } from "./rows.tsx";
import { SaveWatch } from "./save.tsx";
import { own } from "./words.ts";

type Match = Schema<"ListMatch">;
type Matches = Schema<"ListMatches">;

const KIND = { matched: "good", ambiguous: "warn", unmatched: "red" } as const;

/** Whom the reader meant by lines that may mean several, by line; and the rows of those chosen, by id. */
type Chosen = Readonly<Record<number, string>>;
type Rows = Readonly<Record<string, Row>>;

/** Text, answer and choices: kept above the sheets, so that looking elsewhere loses nothing. */
export function usePasting() {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<Chosen>({});
  const [rows, setRows] = useState<Rows>({});
  return { text, setText, chosen, setChosen, rows, setRows, deed: useDeed<Matches>() };
}

/** The lines of the answer as a body for the file, with what was chosen beside them. */
function queriesOf(found: Matches, chosen: Chosen): { name: string; code: string; enterprise: string | null }[] {
  return found.items.map((match) => {
    return { name: match.name, code: match.code, enterprise: chosen[match.row] ?? null };
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

/** A cell of the firm that is meant for sure: matched, or chosen by the reader. */
function rowOf(match: Match, chosen: Chosen, rows: Rows, cell: (row: Row) => ReactNode): ReactNode {
  const id = chosen[match.row];
  const row = id ? (rows[id] ?? (match.enterprise?.id === id ? match.enterprise : undefined)) : match.status === "matched" ? match.enterprise : undefined;
  return row ? cell(row) : id ? <span className="wait" /> : null;
}

function useMatchColumns(hidden: readonly string[], chosen: Chosen, rows: Rows, choose: (row: number, id: string | null) => void): Column<Match>[] {
  const say = useSay(own);
  const rest = useColumns(hidden).map((column): Column<Match> => ({ ...column, sort: false, cell: (match) => rowOf(match, chosen, rows, column.cell) }));
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

function Table({ found, chosen, rows, choose }: { found: Matches; chosen: Chosen; rows: Rows; choose: (row: number, id: string | null) => void }) {
  const say = useSay(own);
  const columns = useMatchColumns(found.hidden, chosen, rows, choose);
  return <Grid label={say("paste")} columns={columns} total={found.items.length} row={(at) => found.items[at]} keyOf={(match) => String(match.row)} height="calc(100vh - 26rem)" />;
}

/** Firms that are meant for sure: matched ones, and those the reader chose. A guess is not among them. */
export function meantIds(items: readonly Pick<Match, "row" | "status" | "enterprise">[], chosen: Chosen): string[] {
  const ids = items.map(({ row, status, enterprise }) => chosen[row] ?? (status === "matched" ? enterprise?.id : undefined));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

export function Paste({ text, setText, chosen, setChosen, rows, setRows, deed }: ReturnType<typeof usePasting>) {
  const say = useSay(own);
  const { lang } = useSettings();
  const { can } = useSession();
  const [saving, setSaving] = useState(false);
  const [wrong, setWrong] = useState<Failure | null>(null);
  const { act, busy, done, failure, clear } = deed;
  const ids = meantIds(done?.items ?? [], chosen);
  /** The chosen firm's row is read as a line of its own that names whom it means. */
  const read = (row: number, id: string): void => {
    const match = done?.items.find((one) => one.row === row);
    if (!match || rows[id] || match.enterprise?.id === id) return;
    asked(post("/v1/lists/match", { body: { queries: [{ name: match.name, code: match.code, enterprise: id }] } }), lang).then(
      ({ items: [found] }) => found?.enterprise && setRows((now) => ({ ...now, [id]: found.enterprise as Row })),
      (error: unknown) => setWrong(error instanceof Failure ? error : new Failure(0, String(error), "unexpected")),
    );
  };
  const choose = (row: number, id: string | null): void => {
    setChosen(Object.fromEntries([...Object.entries(chosen).filter(([key]) => Number(key) !== row), ...(id ? [[String(row), id]] : [])]));
    if (id) read(row, id);
  };
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
      {done && <Table found={done} chosen={chosen} rows={rows} choose={choose} />}
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
