// One paper: its pages or its table beside what was read from it; upwards to what rests on it.
import { useCallback, useEffect, useState } from "react";
import { forget, useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { count, MISSING } from "../format.ts";
import { AsOf } from "../parts/asof.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { Synthetic } from "../parts/tag.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useTitle } from "../title.ts";
import "./documents.css";
import { Excerpt } from "./excerpt.tsx";
import { FieldList } from "./fieldlist.tsx";
import { useFields, useNames } from "./fields.ts";
import { Findings } from "./findings.tsx";
import { dayOf } from "./moment.ts";
import { type Lighting, Pages } from "./page.tsx";
import { restsOn } from "./paths.ts";
import { StateTag, useFormats } from "./state.tsx";
import { Strip, useFactOf } from "./strip.tsx";
import { own } from "./words.ts";

type Told = Schema<"Document">;

/** How long the address waits for the reader to stay with a value. */
const SETTLED_MS = 400;

function Head({ told, name, place }: { told: Told; name: string; place: Place }) {
  const say = useSay(own);
  const formatOf = useFormats();
  const { can, bound } = useSession();
  const folder = told.name.slice(0, -name.length).replace(/\/$/, "");
  return (
    <>
      <div className="heading">
        <Link className="up" to={{ page: "documents", lang: place.lang }}>
          {say("documents")}
        </Link>
        <h1>
          <Printed>{name}</Printed>
        </h1>
        <StateTag state={told.state} text={told.state_text} /> {told.synthetic && <Synthetic />}
        <AsOf answer={told} />
      </div>
      <p className="aboutpaper hint">
        <span>{formatOf(told.format)}</span>
        <span>
          {say("rows")} {count(told.rows)}
        </span>
        <span>
          {say("facts")} {count(told.facts)}
        </span>
        {told.duplicates > 0 && (
          <span>
            {say("duplicates")} {count(told.duplicates)}
          </span>
        )}
        <span>
          {say("loaded")} {dayOf(told.loaded_at)}
        </span>
        <span title={say("of_reader", { n: told.reader_version })}>
          <code>{told.id.slice(0, 8)}</code>
        </span>
        {folder && <Printed>{folder}</Printed>}
        {(can("personal:read") || bound) && (
          <a href={`/v1/documents/${told.id}/original`} download>
            {say("original")}
          </a>
        )}
      </p>
    </>
  );
}

/** Which value is chosen, and which the pointer is over; the chosen one stands in the address. */
function useChoice(place: Place): { chosen: string | null; over: string | null; choose: (path: string) => void; setOver: (path: string | null) => void } {
  const [chosen, choose] = useState<string | null>(place.more?.["field"] ?? null);
  const [over, setOver] = useState<string | null>(null);
  const open = place.more?.["field"] ?? null;
  useEffect(() => {
    if (chosen === null || chosen === open) return;
    const timer = setTimeout(() => go(withMore(place, { field: chosen }), true), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [chosen, open, place]);
  return { chosen, over, choose, setOver };
}

function Paper({ told, place }: { told: Told; place: Place }) {
  const name = told.name.split("/").at(-1) || told.name;
  const fields = useFields(told.id);
  const nameOf = useNames();
  const wanted = place.more?.["fact"];
  const { chosen: factId, fact, gone, facts, again } = useFactOf(told.id, wanted);
  const choice = useChoice(place);
  const items = fields.items ?? [];
  const paged = /\.pdf$/i.test(name) || told.format === "pdf_invoice" || told.format === "photo_invoice";
  const boxed = items.some(({ box }) => box !== null);
  const rowOfFact = Number(place.more?.["row"]) || (fact?.papers.find(({ id }) => id === told.id)?.row ?? null);
  const several = (facts?.total ?? 0) > 1;
  const light: Lighting = {
    ...choice,
    name: nameOf,
    lit: useCallback((path: string) => several && restsOn(path, fact, rowOfFact), [several, fact, rowOfFact]),
  };
  const [page, setPage] = useState<number | null>(null);
  const pageOf = (path: string | null): number | null => items.find((field) => field.path === path)?.page ?? null;
  const lit = several ? items.find((field) => field.page !== null && light.lit(field.path)) : undefined;
  const shown = page ?? pageOf(choice.chosen) ?? lit?.page ?? 1;
  const choose = (path: string): void => {
    setPage(pageOf(path));
    choice.choose(path);
  };
  // A click on a box goes to its row, which takes the keyboard along.
  const onPaper = (path: string): void => {
    choose(path);
    const row = document.querySelector<HTMLElement>(`button.value[data-path="${CSS.escape(path)}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  };
  const hasPages = paged || boxed;
  return (
    <>
      <Strip place={place} chosen={factId} fact={fact} gone={gone} facts={facts} table={!hasPages} />
      <Findings told={told} />
      {!hasPages && fields.items && <Excerpt sha256={told.id} place={place} fact={several ? factId : null} row={several ? rowOfFact : null} />}
      {fields.failure && <Failed failure={fields.failure} again={fields.again} />}
      {!fields.items && !fields.failure && <Loading />}
      {fields.items && (
        <div className={hasPages ? "beside" : "below"}>
          {hasPages && <Pages sha256={told.id} name={name} paged={paged} fields={items} warnings={told.warnings} light={{ ...light, choose: onPaper }} page={shown} setPage={setPage} />}
          {(items.length > 0 || hasPages) && (
            <FieldList
              sha256={told.id}
              fields={items}
              total={fields.total}
              warnings={told.warnings}
              light={{ ...light, choose }}
              sayable={!several && facts?.items[0]?.table === "invoices" && hasPages}
              put={(answer) => {
                fields.put(answer.items);
                forget();
                again();
              }}
            />
          )}
        </div>
      )}
    </>
  );
}

export default function Document({ place }: { place: Place }) {
  const say = useSay(own);
  const sha256 = place.id ?? "";
  const { data, failure, again } = useAsked(get("/v1/documents/{sha256}", { path: { sha256 } }));
  const [told, setTold] = useState<Told | undefined>();
  // After a correction everything is read anew; until it is there, the paper stays in sight.
  useEffect(() => data && setTold(data), [data]);
  const shown = data ?? (told?.id === sha256 ? told : undefined);
  const name = shown?.name.split("/").at(-1);
  useTitle(name ?? say("document"));
  return (
    <main id="content" className="page document" tabIndex={-1}>
      {shown ? (
        <>
          <Head told={shown} name={name || MISSING} place={place} />
          <Paper told={shown} place={place} />
        </>
      ) : (
        <>
          <h1>{say("document")}</h1>
          {failure ? <Failed failure={failure} again={again} /> : <Loading />}
        </>
      )}
    </main>
  );
}
