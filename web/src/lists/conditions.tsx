// The conditions of a screen: read from the address, written to it; every screen is a permalink.
import { useEffect, useState } from "react";
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { sentence } from "../format.ts";
import { Button, Checkbox, Select, TextField } from "../parts/form.tsx";
import { go, parse, type Place, withMore } from "../route.ts";
import { useLabel, useSay } from "../say.ts";
import type { Query } from "./rows.tsx";
import { own } from "./words.ts";

const ANY = "any";
const SIZES = ["large", "medium", "small", "micro"] as const;
const NAMES = ["chain", "segment", "level_from", "level_to", "region", "size", "growth", "sales", "q", "basis", "books", "core", "free", "clean", "cells"] as const;

const PAUSE_MS = 350;
const SORTS = ["sales_fen", "name", "code", "growth", "level", "depth", "confidence", "customers", "suppliers", "region", "size", "chain", "segment"] as const;
const SLUG = /^[a-z0-9-]{1,60}$/;

/** A field that tells what was typed after a pause: the table is not asked anew at every key. */
function Typed({ value, onCommit, ...rest }: { label: string; value: string; onCommit: (value: string) => void; inputMode?: "numeric"; placeholder?: string }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onCommit(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value]); // what commits is made anew at every drawing
  return <TextField {...rest} maxLength={100} value={text} onChange={setText} />;
}

/** The text where it makes sense; what does not is left out. */
function fitting(text: string | undefined, shape: RegExp): string[] | undefined {
  return text !== undefined && shape.test(text) ? [text] : undefined;
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** Cells of the map that the address names, as the server reads them. */
function cellsOf(place: Place): string[] {
  return (place.more?.["cells"] ?? "").split(",").filter((cell) => /^[a-z0-9-]{1,60}:-?\d{1,3}$/.test(cell)).slice(0, 200);
}

/** What the address asks of the screen. */
export function queryOf(place: Place, watchlist?: string): NonNullable<Query> {
  const more = place.more ?? {};
  const growth = whole(more["growth"]);
  const sales = whole(more["sales"]);
  const size = SIZES.find((one) => one === more["size"]);
  const cells = cellsOf(place);
  return {
    chain: fitting(more["chain"], SLUG),
    segment: fitting(place.segment, SLUG),
    cell: cells.length ? cells : undefined,
    region: fitting(more["region"], /^\d{2,6}$/),
    size: size ? [size] : undefined,
    level_from: whole(more["level_from"]),
    level_to: whole(more["level_to"]),
    growth_from: growth === undefined ? undefined : growth / 100,
    sales_from_fen: sales === undefined ? undefined : sales * 1_000_000,
    basis: more["basis"] === "observed" || more["basis"] === "inferred" ? more["basis"] : undefined,
    own_books: more["books"] === "1" || undefined,
    is_core: more["core"] === "1" || undefined,
    loan: more["free"] === "1" ? "none" : undefined,
    knocked_out: more["clean"] === "1" ? false : undefined,
    q: more["q"]?.slice(0, 100) || undefined,
    sort: SORTS.find((sort) => sort === more["sort"]) ?? "sales_fen",
    descending: more["up"] !== "1",
    watchlist,
    hubs: watchlist || cells.length ? true : undefined,
  };
}

export function Conditions({ place, seesLoans }: { place: Place; seesLoans: boolean }) {
  const say = useSay(own);
  const label = useLabel();
  const more = place.more ?? {};
  const chains = useAsked(get("/v1/chains"));
  const map = useAsked(more["chain"] ? get("/v1/chains/{chain}/map", { path: { chain: more["chain"] } }) : null);
  const put = ({ segment, ...change }: Record<string, string | boolean | null>): void => {
    const now = parse(location.pathname, location.search); // where the reader is now, not where a pause began
    go({ ...withMore(now, change), segment: segment === undefined ? now.segment : ((segment as string | null) ?? undefined) }, true);
  };
  const cells = cellsOf(place);
  const text = (name: (typeof NAMES)[number]) => ({ value: more[name] ?? "", onCommit: (value: string) => put({ [name]: value }) });
  const flag = (name: (typeof NAMES)[number]) => ({ isSelected: more[name] === "1", onChange: (on: boolean) => put({ [name]: on }) });
  const any = { value: ANY, label: say("any") };
  const choose = (name: string) => (value: string) => put({ [name]: value === ANY ? null : value, ...(name === "chain" ? { segment: null } : {}) });
  return (
    <div className="conditions">
      <Select label={say("chain")} value={more["chain"] ?? ANY} onChange={choose("chain")} choices={[any, ...(chains.data?.items ?? []).map((chain) => ({ value: chain.id, label: sentence(chain.name) }))]} />
      {map.data && <Select label={say("segment")} value={place.segment ?? ANY} onChange={choose("segment")} choices={[any, ...map.data.segments.map((segment) => ({ value: segment.id, label: sentence(segment.name) }))]} />}
      <Typed label={say("level_from")} inputMode="numeric" {...text("level_from")} />
      <Typed label={say("level_to")} inputMode="numeric" {...text("level_to")} />
      <Typed label={say("region")} inputMode="numeric" placeholder="33" {...text("region")} />
      <Select label={say("size")} value={more["size"] ?? ANY} onChange={choose("size")} choices={[any, ...SIZES.map((value) => ({ value, label: label(value) }))]} />
      <Typed label={say("growth_from")} inputMode="numeric" {...text("growth")} />
      <Typed label={say("sales_from")} inputMode="numeric" {...text("sales")} />
      <Typed label={say("text")} {...text("q")} />
      <Select
        label={say("basis")}
        value={more["basis"] ?? ANY}
        onChange={choose("basis")}
        choices={[any, { value: "observed", label: say("observed") }, { value: "inferred", label: say("inferred") }]}
      />
      <div className="flags">
        <Checkbox {...flag("books")}>{say("own_books")}</Checkbox>
        <Checkbox {...flag("core")}>{say("is_core")}</Checkbox>
        <Checkbox {...flag("clean")}>{say("clean")}</Checkbox>
        {seesLoans && <Checkbox {...flag("free")}>{say("without_loan")}</Checkbox>}
        {cells.length > 0 && (
          <Button kind="quiet" onPress={() => put({ cells: null })}>
            {say("cells", { n: cells.length })} ✕
          </Button>
        )}
        <Button kind="quiet" onPress={() => put(Object.fromEntries(NAMES.map((name) => [name, null])))}>
          {say("clear")}
        </Button>
      </div>
    </div>
  );
}
