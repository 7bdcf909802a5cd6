// The phrase box: a question in words becomes one of the saved queries; its rows stand in a table and go into the picture.
import { useEffect, useState } from "react";
import { Failure } from "../api.ts";
import { useAsked } from "../answer.ts";
import { asked, get, post, type Schema } from "../asking.ts";
import { count, money } from "../format.ts";
import { Button, Select, TextField } from "../parts/form.tsx";
import { Dialog } from "../parts/overlay.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { FirmBox } from "./firm.tsx";
import { own } from "./words.ts";

type Query = Schema<"SavedQueryInfo">;
type Answered = Schema<"QueryAnswer">;
type Meant = Schema<"PhraseMeant">;

const USUAL = "40";
const ID = /^[0-9a-f]{16}$/;

/** Ids that a table's rows name: of columns that hold firms, one or several. */
export function idsIn(answer: Answered): string[] {
  const at = answer.columns.flatMap(({ kind }, index) => (kind === "enterprise" || kind === "list" ? [index] : []));
  const found = answer.rows.flatMap((row) => at.flatMap((index) => row[index] as string | string[] | null)).filter((one): one is string => typeof one === "string" && ID.test(one));
  return [...new Set(found)];
}

export function PhraseBox({ place, onFound, onClose }: { place: Place; onFound: (ids: string[]) => void; onClose: () => void }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const list = useAsked(get("/v1/queries"));
  const [phrase, setPhrase] = useState("");
  const [meant, setMeant] = useState<readonly Meant[] | null>(null);
  const [name, setName] = useState<string | null>(null);
  const [params, setParams] = useState<Readonly<Record<string, string>>>({});
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const [state, setState] = useState<{ busy?: boolean; answer?: Answered; wrong?: string }>({});
  const query = list.data?.items.find((one) => one.name === name);

  const run = (which: string, given: Readonly<Record<string, string>>): void => {
    setState({ busy: true });
    const body = { params: Object.fromEntries(Object.entries(given).map(([key, value]) => [key, key === "limit" ? Number(value) : value])) };
    asked(post("/v1/queries/{query}", { path: { query: which }, body }), lang).then(
      (answer) => setState({ answer }),
      (error: unknown) => setState({ wrong: error instanceof Failure ? error.detail : String(error) }),
    );
  };
  const take = (one: Meant): void => {
    setName(one.name);
    setParams(one.params);
    setNames(Object.fromEntries(one.said.map((part) => [part.name, part.meant[0]?.name ?? part.said])));
    setState({});
    if (one.clear) run(one.name, one.params);
  };
  const understand = (): void => {
    setState({ busy: true });
    asked(get("/v1/queries", { query: { phrase: phrase.trim() } }), lang).then(
      (answer) => {
        setMeant(answer.meant);
        setState({});
        const [best] = answer.meant;
        if (best) take(best);
      },
      (error: unknown) => setState({ wrong: error instanceof Failure ? error.detail : String(error) }),
    );
  };
  return (
    <Dialog title={say("ask_title")} open wide onClose={onClose}>
      <form
        className="askbar"
        onSubmit={(event) => {
          event.preventDefault();
          if (phrase.trim()) understand();
        }}
      >
        <TextField label={say("ask_phrase")} value={phrase} onChange={setPhrase} maxLength={300} autoFocus hint={list.data?.items[0]?.phrases[0] ? say("ask_hint", { phrase: list.data.items[0].phrases[0] }) : undefined} />
        <Button kind="main" type="submit" isDisabled={state.busy === true || !phrase.trim()}>
          {say("ask_run")}
        </Button>
      </form>
      {meant && !meant.length && <p role="status">{say("ask_unknown")}</p>}
      {meant && meant.length > 0 && (
        <div role="status">
        <ul className="meant">
          {meant.map((one) => (
            <li key={one.name}>
              {one.name === name ? <strong>{say("ask_meant", { title: one.title })}</strong> : <button type="button" onClick={() => take(one)}>{one.title}</button>}
              {one.name === name &&
                one.said
                  .filter((part) => part.meant.length > 1)
                  .map((part) => (
                    <Select
                      key={part.name}
                      label={say("ask_param", { said: part.said })}
                      value={params[part.name] ?? null}
                      onChange={(id) => {
                        const next = { ...params, [part.name]: id };
                        setParams(next);
                        setNames({ ...names, [part.name]: part.meant.find((one_) => one_.id === id)?.name ?? "" });
                        run(one.name, next);
                      }}
                      choices={part.meant.map((firm) => ({ value: firm.id, label: firm.name }))}
                    />
                  ))}
            </li>
          ))}
        </ul>
        </div>
      )}
      {list.failure && <Failed failure={list.failure} again={list.again} />}
      {list.data && (
        <Select
          label={say("ask_which")}
          value={name}
          onChange={(next) => {
            setName(next);
            setParams({});
            setNames({});
            setState({});
          }}
          choices={list.data.items.map((one) => ({ value: one.name, label: one.title }))}
        />
      )}
      {query && <Params key={query.name} query={query} params={params} names={names} onChange={(key, value, label) => (setParams((now) => ({ ...now, [key]: value })), setNames((now) => ({ ...now, [key]: label })))} onRun={() => run(query.name, params)} busy={state.busy === true} />}
      {state.busy && <Loading />}
      {state.wrong && <p className="wrong">{state.wrong}</p>}
      {state.answer && <Rows answer={state.answer} place={place} onFound={onFound} />}
    </Dialog>
  );
}

function Params({ query, params, names, onChange, onRun, busy }: { query: Query; params: Readonly<Record<string, string>>; names: Readonly<Record<string, string>>; onChange: (name: string, value: string, label: string) => void; onRun: () => void; busy: boolean }) {
  const say = useSay(own);
  const ready = query.params.every(({ name, required }) => !required || params[name]);
  return (
    <form
      className="params"
      onSubmit={(event) => {
        event.preventDefault();
        onRun();
      }}
    >
      {query.params.map((param) =>
        param.kind === "enterprise" ? (
          <FirmBox key={param.name} keep label={param.label} value={names[param.name] ?? ""} onPick={(firm) => onChange(param.name, firm.id, firm.name)} />
        ) : (
          <TextField key={param.name} label={param.label} value={params[param.name] ?? ""} placeholder={param.kind === "limit" ? USUAL : ""} onChange={(value) => onChange(param.name, value, value)} />
        ),
      )}
      <Button type="submit" isDisabled={!ready || busy}>
        {say("ask_run")}
      </Button>
    </form>
  );
}

/** A cell of a row in words. Ids of firms are shown by the name beside them, or lead to their page. */
function Cell({ value, kind, place }: { value: unknown; kind: string; place: Place }) {
  const say = useSay(own);
  const { lang } = useSettings();
  if (value === null || value === undefined) return <>—</>;
  if (typeof value === "boolean") return <>{say(value ? "yes" : "no")}</>;
  // The names of these columns say yuan.
  if (kind === "money") return <>{money(Number(value), lang, "one")}</>;
  if (kind === "enterprise" && typeof value === "string")
    return ID.test(value) ? (
      <Link to={{ page: "enterprise", id: value, lang: place.lang }}>{value.slice(0, 8)}</Link>
    ) : (
      <>{value}</>
    );
  if (Array.isArray(value)) return <Printed>{value.map((one) => (typeof one === "string" && ID.test(one) ? one.slice(0, 8) : String(one))).join(" → ")}</Printed>;
  if (typeof value === "number") return <>{Number.isInteger(value) ? count(value) : value.toFixed(3)}</>;
  if (typeof value === "object") return <>{JSON.stringify(value)}</>;
  return <Printed>{String(value)}</Printed>;
}

function Rows({ answer, place, onFound }: { answer: Answered; place: Place; onFound: (ids: string[]) => void }) {
  const say = useSay(own);
  const ids = idsIn(answer);
  // A firm is its name, which leads to its page; the id beside it says nothing more.
  const [id, name] = [answer.columns.findIndex(({ kind }) => kind === "enterprise"), answer.columns.findIndex((column) => column.name === "name")];
  const shown = answer.columns.map((column, index) => ({ column, index })).filter(({ index }) => name < 0 || index !== id);
  const [told, setTold] = useState(false);
  useEffect(() => setTold(false), [answer]);
  if (!answer.rows.length) return <p role="status">{say("ask_none")}</p>;
  return (
    <section className="asked">
      <p className="deeds" role="status">
        <span>{say("ask_rows", { n: count(answer.total) })}</span>
        {answer.note && <span className="hint">{answer.note}</span>}
        {ids.length > 0 && (
          <Button
            kind="main"
            isDisabled={told}
            onPress={() => {
              onFound(ids);
              setTold(true);
            }}
          >
            {say("show")}
          </Button>
        )}
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-label={answer.title}>
        <table className="plain">
          <thead>
            <tr>
              {shown.map(({ column }) => (
                <th key={column.name} scope="col" className={column.kind === "money" ? "number" : undefined}>
                  {column.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {answer.rows.map((row, at) => (
              <tr key={JSON.stringify(row[0]) + String(at)}>
                {shown.map(({ column, index }) => (
                  <td key={column.name} className={column.kind === "money" || typeof row[index] === "number" ? "number" : undefined}>
                    {index === name && typeof row[id] === "string" && ID.test(row[id]) ? (
                      <Link to={{ page: "enterprise", id: row[id], lang: place.lang }}>
                        <Printed>{String(row[index] ?? row[id])}</Printed>
                      </Link>
                    ) : (
                      <Cell value={row[index]} kind={column.kind} place={place} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
