// All papers of the ledger as a table, by state, format and text, as the address says.
import { useEffect, useState } from "react";
import { useAsked, usePages } from "../answer.ts";
import { addressOf, get, type Schema } from "../asking.ts";
import { count } from "../format.ts";
import { Button, Select, TextField } from "../parts/form.tsx";
import { type Column, Grid } from "../parts/grid.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useLabel, useSay } from "../say.ts";
import { dayOf } from "./moment.ts";
import { Rejects } from "./rejects.tsx";
import { StateTag, useFormats } from "./state.tsx";
import { own } from "./words.ts";

type Row = Schema<"DocumentRow">;
type Listing = Schema<"Documents">;

const STATES = ["read", "partly", "nothing"] as const;
const PAGE = 100;

/** What the address asks for. */
function wanted(place: Place): { state?: (typeof STATES)[number] | undefined; format?: string | undefined; q?: string | undefined } {
  const { state, format, q } = place.more ?? {};
  return { state: STATES.find((one) => one === state), format, q };
}

function Filters({ place, formats }: { place: Place; formats: readonly string[] }) {
  const say = useSay(own);
  const label = useLabel();
  const formatOf = useFormats();
  const { state, format, q } = wanted(place);
  const [text, setText] = useState(q ?? "");
  useEffect(() => setText(q ?? ""), [q]);
  const put = (change: Record<string, string | null>): void => go(withMore(place, change));
  return (
    <form
      className="toolbar"
      role="search"
      aria-label={say("list")}
      onSubmit={(event) => {
        event.preventDefault();
        put({ q: text.trim() });
      }}
    >
      <Select label={say("state")} value={state ?? "all"} choices={[{ value: "all", label: say("all") }, ...STATES.map((value) => ({ value, label: label(`document_${value}`) }))]} onChange={(value) => put({ state: value === "all" ? null : value })} />
      <Select label={say("format")} value={format ?? "all"} choices={[{ value: "all", label: say("all") }, ...formats.map((value) => ({ value, label: formatOf(value) }))]} onChange={(value) => put({ format: value === "all" ? null : value })} />
      <TextField label={say("text")} value={text} onChange={setText} maxLength={100} />
      <Button type="submit">{say("search")}</Button>
      {(state || format || q) && (
        <Button kind="quiet" onPress={() => put({ state: null, format: null, q: null })}>
          {say("clear")}
        </Button>
      )}
    </form>
  );
}

/** How many papers need a hand, each a way to them. */
/** `failed`: whether a batch in sight has papers that could not be read; its own line tells of these. */
export function Troubles({ place, turn, failed }: { place: Place; turn: number; failed: boolean }) {
  const say = useSay(own);
  const nothing = useAsked(get("/v1/documents", { query: { state: "nothing", limit: 1 } }));
  const partly = useAsked(get("/v1/documents", { query: { state: "partly", limit: 1 } }));
  useEffect(() => {
    if (turn) {
      nothing.again();
      partly.again();
    }
  }, [turn]);
  if (!nothing.data || !partly.data) return null;
  const found = [
    { state: "nothing", word: "find_nothing" as const, n: nothing.data.total },
    { state: "partly", word: "find_partly" as const, n: partly.data.total },
  ].filter(({ n }) => n > 0);
  if (failed && !found.length) return null;
  return (
    <section className={found.length ? "box troubles some" : "box troubles"} aria-label={say("findings")}>
      <strong>{say("findings")}</strong>
      {found.map(({ state, word, n }) => (
        <Link key={state} to={withMore(place, { state, format: null, q: null })}>
          {say(word, { n: count(n) })}
        </Link>
      ))}
      {!found.length && <span className="hint">{say("find_none")}</span>}
    </section>
  );
}

function columns(say: ReturnType<typeof useSay<typeof own>>, formatOf: (code: string | null) => string, place: Place): Column<Row>[] {
  return [
    {
      id: "name",
      title: say("name"),
      width: "2fr",
      cell: (row) => (
        <Link to={{ page: "document", id: row.id, lang: place.lang }} title={row.name}>
          <Printed>{row.name.split("/").at(-1)}</Printed>
        </Link>
      ),
    },
    {
      id: "state",
      title: say("state"),
      width: 190,
      cell: (row) => (
        <>
          <StateTag state={row.state} text={row.state_text} /> {row.synthetic && <Synthetic />}
        </>
      ),
    },
    { id: "format", title: say("format"), width: 170, cell: (row) => formatOf(row.format) },
    { id: "rows", title: say("rows"), width: 80, number: true, cell: (row) => count(row.rows) },
    { id: "facts", title: say("facts"), width: 80, number: true, cell: (row) => count(row.facts) },
    { id: "duplicates", title: say("duplicates"), width: 80, number: true, cell: (row) => count(row.duplicates) },
    {
      id: "rejected",
      title: say("rejected"),
      width: 90,
      number: true,
      cell: (row) =>
        row.rejected ? (
          <Rejects sha256={row.id} name={row.name} label={`${say("rejects")} (${count(row.rejected)})`}>
            {count(row.rejected)} ↓
          </Rejects>
        ) : (
          "0"
        ),
    },
    { id: "loaded", title: say("loaded"), width: 110, cell: (row) => dayOf(row.loaded_at) },
  ];
}

/** `turn` rises when papers were read or the graph was built: the list is then read anew. */
export function List({ place, turn }: { place: Place; turn: number }) {
  const say = useSay(own);
  const formatOf = useFormats();
  const asks = wanted(place);
  const { data, failure, again, more, moreState } = usePages<Row>((cursor) => addressOf("/v1/documents", {}, { ...asks, limit: PAGE, cursor }));
  const [sight, setSight] = useState(0);
  useEffect(() => {
    if (turn) again();
  }, [turn]);
  // Rows in sight that are not there yet are asked for, a page at a time.
  useEffect(() => {
    if (data && more && moreState === "idle" && sight >= data.items.length - 1) more();
  }, [sight, data?.items.length, moreState]);
  const formats = (data as unknown as Listing | undefined)?.formats ?? [];
  return (
    <section className="listing">
      <div className="fieldbar">
        <h2>{say("list")}</h2>
        {data && <span className="hint">{say("counted", { n: count(data.total) })}</span>}
      </div>
      <Filters place={place} formats={formats} />
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading />}
      {data && data.total === 0 && <Empty>{say("none_found")}</Empty>}
      {data && data.total > 0 && <Grid label={say("list")} columns={columns(say, formatOf, place)} total={data.total} row={(at) => data.items[at]} keyOf={(row) => row.id} onSight={(_, last) => setSight(last)} />}
    </section>
  );
}
