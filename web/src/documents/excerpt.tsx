// Rows of a paper that is a table, around the one that a fact stands in; each row leads on to its facts.
import { useState } from "react";
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { count } from "../format.ts";
import { Button, TextField } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { own } from "./words.ts";

type Rows = Schema<"DocumentRows">;
type Line = Schema<"ExcerptRow">;

const SHOWN = 40;
/** Rows shown above the one that was come for. */
const ABOVE = 6;

function One({ line, width, place, fact, row }: { line: Line; width: number; place: Place; fact: string | null; row: number | null }) {
  const say = useSay(own);
  const lit = fact === null ? row === line.row : line.facts.includes(fact);
  const first = line.facts[0];
  return (
    <>
      <tr aria-current={lit ? "true" : undefined} className={line.rejected.length ? "bad" : undefined}>
        <th scope="row" className="number">
          {first ? (
            <Link to={withMore(place, { fact: first, row: line.row, at: null })} aria-label={say("row_open", { n: line.row })}>
              {line.row}
            </Link>
          ) : (
            line.row
          )}
        </th>
        {line.cells.map((cell, at) => (
          <td key={at}>
            <Printed>{cell}</Printed>
          </td>
        ))}
      </tr>
      {line.rejected.length > 0 && (
        <tr className="because">
          <td />
          <td colSpan={width}>
            {say("rejected")}: {line.rejected.join(" ")}
          </td>
        </tr>
      )}
    </>
  );
}

function Tables({ data, place, fact, row }: { data: Rows; place: Place; fact: string | null; row: number | null }) {
  const say = useSay(own);
  return data.tables.map((table, at) => {
    const lines = data.items.filter((line) => line.table === at);
    if (!lines.length) return null;
    return (
      <div key={at} className="excerpt" tabIndex={0} role="region" aria-label={table.name || say("table")}>
        <table>
          {table.name && <caption>{table.name}</caption>}
          <thead>
            <tr>
              <th scope="col" className="number">
                {say("row_no")}
              </th>
              {table.titles.map((title) => (
                <th key={title} scope="col">
                  <Printed>{title}</Printed>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <One key={line.row} line={line} width={table.titles.length} place={place} fact={fact} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    );
  });
}

function GoTo({ place }: { place: Place }) {
  const say = useSay(own);
  const [text, setText] = useState("");
  return (
    <form
      className="goto"
      onSubmit={(event) => {
        event.preventDefault();
        if (/^\d{1,8}$/.test(text)) go(withMore(place, { at: Math.max(1, Number(text)) }));
      }}
    >
      <TextField label={say("go_row")} value={text} onChange={setText} inputMode="numeric" />
    </form>
  );
}

/** `row`: the one to be shown; `at` in the address turns to others. */
export function Excerpt({ sha256, place, fact, row }: { sha256: string; place: Place; fact: string | null; row: number | null }) {
  const say = useSay(own);
  const at = Number(place.more?.["at"]) || null;
  const from = at ?? Math.max(1, (row ?? 1) - ABOVE);
  const { data, failure, again } = useAsked(get("/v1/documents/{sha256}/rows", { path: { sha256 }, query: { from, limit: SHOWN } }));
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  if (data.total === 0) return data.note ? <p className="hint">{data.note}</p> : null;
  const [first, last] = [data.items[0], data.items.at(-1)];
  const end = data.before + data.items.length;
  return (
    <section className="table">
      <div className="tablebar">
        <h2>{say("table")}</h2>
        <span className="hint">
          {say("table_rows", { first: count(first?.row ?? 0), last: count(last?.row ?? 0), total: count(data.total) })} · {say("masked")}
        </span>
        <span className="deeds">
          <Button kind="quiet" isDisabled={data.before === 0} onPress={() => go(withMore(place, { at: Math.max(1, from - SHOWN) }))}>
            ↑ {say("rows_before")}
          </Button>
          <Button kind="quiet" isDisabled={end >= data.total} onPress={() => go(withMore(place, { at: (last?.row ?? from) + 1 }))}>
            ↓ {say("rows_after")}
          </Button>
        </span>
        <GoTo place={place} />
      </div>
      <Tables data={data} place={place} fact={fact} row={row} />
    </section>
  );
}
