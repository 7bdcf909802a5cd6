// The columns of a list, and the rows of a screen of any length: fetched in windows as they come into sight.
import { useCallback, useEffect, useRef, useState } from "react";
import { asked, get, type Schema } from "../asking.ts";
import { count, depth, MISSING, money, percent, unitName } from "../format.ts";
import type { Column } from "../parts/grid.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { type Proof, Traced, worked } from "../parts/traced.tsx";
import { Failure } from "../api.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { own } from "./words.ts";

export type Row = Schema<"ListRow">;
export type Query = NonNullable<Parameters<typeof get<"/v1/lists/screen">>[1]>["query"];

const WINDOW = 200;

interface Rows {
  total: number | null;
  hidden: readonly string[];
  failure: Failure | null;
  row: (at: number) => Row | undefined;
  onSight: (first: number, last: number) => void;
  asOf: { snapshot: string | null; as_of: string | null } | null;
  again: () => void;
}

/** Rows of a screen by number. A new query starts anew; a window that failed is asked for again on sight. */
export function useRows(query: Query, on = true): Rows {
  const { lang } = useSettings();
  const key = `${lang} ${JSON.stringify(query)}`;
  const [, drawn] = useState(0);
  const [attempt, setAttempt] = useState(0);
  const store = useRef({ key: "", windows: new Map<number, Row[] | "asked">(), total: null as number | null, hidden: [] as string[], failure: null as Failure | null, asOf: null as Rows["asOf"] });
  if (store.current.key !== key) store.current = { key, windows: new Map(), total: null, hidden: [], failure: null, asOf: null };

  const fetchWindow = useCallback(
    (at: number) => {
      const mine = store.current;
      if (mine.windows.has(at)) return;
      mine.windows.set(at, "asked");
      asked(get("/v1/lists/screen", { query: { ...query, limit: WINDOW, offset: at * WINDOW } }), lang).then(
        (answer) => {
          mine.windows.set(at, answer.items);
          Object.assign(mine, { total: answer.total, hidden: answer.hidden, failure: null, asOf: answer });
          drawn((n) => n + 1);
        },
        (error: unknown) => {
          mine.windows.delete(at);
          mine.failure = error instanceof Failure ? error : new Failure(0, String(error), "unexpected");
          drawn((n) => n + 1);
        },
      );
    },
    [key], // the query is its key
  );
  useEffect(() => {
    if (on) fetchWindow(0);
  }, [fetchWindow, attempt, on]);
  const onSight = useCallback(
    (first: number, last: number) => {
      for (let at = Math.floor(first / WINDOW); at <= Math.floor(last / WINDOW); at++) fetchWindow(at);
    },
    [fetchWindow],
  );
  const { total, hidden, failure, windows, asOf } = store.current;
  const row = (at: number): Row | undefined => {
    const rows = windows.get(Math.floor(at / WINDOW));
    return rows === undefined || rows === "asked" ? undefined : rows[at % WINDOW];
  };
  const again = (): void => {
    store.current.failure = null;
    setAttempt((n) => n + 1);
  };
  return { total, hidden, failure, row, onSight, asOf, again };
}

/** The columns of a row, those left out that the reader may not see. */
export function useColumns(hidden: readonly string[]): Column<Row>[] {
  const { lang, unit } = useSettings();
  const say = useSay(own);
  const { can } = useSession();
  const feature = (row: Row, name: string): Proof | null => (can("features:read") ? { of: "feature", enterprise: row.id, name } : null);
  const all: Column<Row>[] = [
    {
      id: "name",
      title: say("name"),
      width: 260,
      sort: true,
      cell: (row) => (
        <Link to={{ page: "enterprise", id: row.id, lang }}>
          {row.is_core && <span className="star">★ </span>}
          <Printed>{row.name}</Printed>
        </Link>
      ),
    },
    { id: "code", title: say("code"), width: 180, sort: true, cell: (row) => <code>{row.code}</code> },
    { id: "chain", title: say("chain"), width: 110, sort: true, cell: (row) => row.chain_name ?? MISSING },
    { id: "segment", title: say("segment"), width: 150, sort: true, cell: (row) => row.segment_name ?? MISSING },
    { id: "level", title: say("level"), width: 90, sort: true, cell: (row) => (row.level_text ? <Traced proof={worked("seat", { enterprise: row.id, chain: row.chain })}>{row.level_text}</Traced> : MISSING) },
    { id: "depth", title: say("depth"), width: 70, number: true, sort: true, cell: (row) => (row.depth === null ? MISSING : <Traced proof={worked("seat", { enterprise: row.id, chain: row.chain })}>{depth(row.depth)}</Traced>) },
    {
      id: "confidence",
      title: say("confidence"),
      width: 90,
      number: true,
      sort: true,
      cell: (row) => (
        <>
          {row.confidence === null ? MISSING : <Traced proof={worked("seat", { enterprise: row.id, chain: row.chain })}>{percent(row.confidence)}</Traced>} {row.basis === "inferred" && <span className="tag">{say("inferred")}</span>}
        </>
      ),
    },
    { id: "region", title: say("place"), width: 90, sort: true, cell: (row) => row.region_name ?? row.region ?? MISSING },
    { id: "size", title: say("size"), width: 60, sort: true, cell: (row) => row.size_text ?? MISSING },
    { id: "sales_fen", title: say("sales", { unit: unitName(lang, unit) }), width: 120, number: true, sort: true, cell: (row) => <Traced proof={feature(row, row.own_books ? "log_sales_total" : "seen_customers")}>{money(row.sales_fen, lang, unit)}</Traced> },
    { id: "growth", title: say("growth"), width: 80, number: true, sort: true, cell: (row) => (row.growth === null ? MISSING : <span className={row.growth < 0 ? "negative" : undefined}><Traced proof={feature(row, "sales_growth")}>{percent(row.growth, 1)}</Traced></span>) },
    { id: "customers", title: say("customers"), width: 60, number: true, sort: true, cell: (row) => (row.customers === null ? MISSING : <Traced proof={feature(row, "seen_customers")}>{count(row.customers)}</Traced>) },
    { id: "suppliers", title: say("suppliers"), width: 70, number: true, sort: true, cell: (row) => (row.suppliers === null ? MISSING : <Traced proof={feature(row, "seen_suppliers")}>{count(row.suppliers)}</Traced>) },
    { id: "core", title: say("core"), width: 160, cell: (row) => (row.core ? <Printed>{row.core.name}</Printed> : MISSING) },
    { id: "group", title: say("group"), width: 90, cell: (row) => row.group_text ?? MISSING },
    { id: "knock_outs", title: say("knock_outs"), width: 130, cell: (row) => row.knock_outs.map((one) => one.name).join(lang === "zh" ? "、" : ", ") || MISSING },
    { id: "offer", title: say("offer"), width: 80, cell: (row) => <Traced proof={row.decision ? { of: "decision", decision: row.decision } : null}>{row.offer_text ?? MISSING}</Traced> },
    { id: "loan", title: say("loan"), width: 80, cell: (row) => row.loan_text ?? MISSING },
  ];
  return all.filter(({ id }) => !hidden.includes(id));
}
