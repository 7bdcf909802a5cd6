// The values of a paper as a list: what is doubtful first, moved through and corrected by keyboard alone.
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { useDeed } from "../answer.ts";
import { patch, type Schema } from "../asking.ts";
import { count, legible, percent } from "../format.ts";
import { Button, Select, TextField } from "../parts/form.tsx";
import { Printed } from "../parts/printed.tsx";
import { useLabel, useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { dayOf } from "./moment.ts";
import type { Lighting } from "./page.tsx";
import { doubt, type Field, LOW, missing, sorted, unread, type Warned } from "./paths.ts";
import { own } from "./words.ts";

type Corrected = Schema<"FieldsCorrected">;

function Correction({ field }: { field: Field }) {
  const say = useSay(own);
  if (!field.corrected) return null;
  const { by, at, why, applied } = field.corrected;
  const told = { by, at: dayOf(at), why };
  return (
    <span className="mark-corrected">
      {say(why ? "corrected_by" : "corrected_by_bare", told)}
      {!applied && ` · ${say("not_applied")}`}
    </span>
  );
}

/** One value at rest: its name, what was read, and how sure that is. */
function Row({ field, light, warnings, edit, move, leave }: { field: Field; light: Lighting; warnings: readonly Warned[]; edit: () => void; move: (by: number) => void; leave: () => void }) {
  const say = useSay(own);
  const label = useLabel();
  const doubts = doubt(field, warnings);
  // Some values are codes of ours, such as whether amounts include tax.
  const spoken = (value: string): string => {
    const told = label(`fact_is_${value}`);
    return told.startsWith("fact_is_") ? value : told;
  };
  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      move(by);
    } else if (event.key === "Escape") leave();
  };
  const sure = field.confidence === null ? null : say(field.confidence < LOW ? "doubt_low" : "confidence", { n: percent(field.confidence, field.confidence > 0.99 && field.confidence < 1 ? 1 : 0) });
  return (
    <button
      type="button"
      className="value"
      data-path={field.path}
      data-chosen={light.over === field.path || light.chosen === field.path ? "" : undefined}
      data-lit={light.lit(field.path) ? "" : undefined}
      onFocus={() => light.choose(field.path)}
      onPointerEnter={() => light.setOver(field.path)}
      onPointerLeave={() => light.setOver(null)}
      onClick={edit}
      onKeyDown={keys}
    >
      <span className="called">{light.name(field.path)}</span>
      <span className="readas">{field.value ? <Printed>{legible(spoken(field.value))}</Printed> : say("no_value")}</span>
      <span className="how">
        {[field.method.text, !field.corrected && sure, ...field.checks.map(({ text }) => `✓ ${text}`)].filter(Boolean).join(" · ")}
        {doubts?.warnings.map((warning) => (
          <span key={warning.message} className="wrongly">
            {warning.message}
          </span>
        ))}
        <Correction field={field} />
      </span>
    </button>
  );
}

/** One value being corrected: Enter saves, Esc leaves it as it was. */
function Editing({ sha256, field, name, close, put }: { sha256: string; field: Field; name: string; close: () => void; put: (told: Corrected) => void }) {
  const say = useSay(own);
  const [value, setValue] = useState(field.value ?? "");
  const [why, setWhy] = useState(say("why_default"));
  const { act, busy, failure } = useDeed<Corrected>((told) => {
    put(told);
    close();
  });
  const save = (said: string | null): void => {
    if (!busy) act(patch("/v1/documents/{sha256}/fields", { path: { sha256 }, body: [{ path: field.path, value: said, why }] }));
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
  };
  return (
    <form
      className="mending"
      aria-label={`${say("edit")}: ${name}`}
      onKeyDown={keys}
      onSubmit={(event) => {
        event.preventDefault();
        save(value);
      }}
    >
      <strong>{name}</strong>
      <TextField label={say("value_on_paper")} value={value} onChange={setValue} autoFocus error={failure?.detail} {...(value.includes("\n") ? { rows: 3 } : {})} />
      <TextField label={say("why")} value={why} onChange={setWhy} maxLength={500} />
      <p className="deeds">
        <Button kind="main" type="submit" isDisabled={busy}>
          {busy ? say("saving") : say("save")}
        </Button>
        <Button onPress={close}>{say("cancel")}</Button>
        {field.corrected && (
          <Button kind="quiet" onPress={() => save(null)} isDisabled={busy}>
            {say("take_back")}
          </Button>
        )}
      </p>
    </form>
  );
}

/** What was not read at all, for saying it. */
function Unread({ fields, light, editing, edit, items }: { fields: readonly Field[]; light: Lighting; editing: string | null; edit: (path: string) => void; items: (some: readonly Field[]) => ReactNode }) {
  const say = useSay(own);
  const paths = missing(fields);
  if (!paths.length) return null;
  const open = editing !== null && paths.includes(editing);
  return (
    <div className="unread">
      {open ? <ul>{items([unread(editing)])}</ul> : <Select label={say("say_unread")} value={null} choices={paths.map((path) => ({ value: path, label: light.name(path) }))} onChange={edit} />}
    </div>
  );
}

/** Focuses the row of a value, in the page's own order. */
function rowOf(list: RefObject<HTMLElement | null>, path: string): HTMLElement | null {
  return list.current?.querySelector<HTMLElement>(`button.value[data-path="${CSS.escape(path)}"]`) ?? null;
}

/** Brings a box into sight inside the frame of the paper. The window stays: a press must not slip off its row. */
function intoSight(box: Element | null): void {
  const frame = box?.closest<HTMLElement>(".pages");
  if (!box || !frame || frame.scrollHeight <= frame.clientHeight) return;
  const [inner, outer] = [box.getBoundingClientRect(), frame.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) frame.scrollTop += inner.top - outer.top - frame.clientHeight / 3;
}

/** `sayable`: the paper is one invoice, of which a person may also say what was not read at all. */
export function FieldList({ sha256, fields, total, warnings, light, put, sayable }: { sha256: string; fields: readonly Field[]; total: number; warnings: readonly Warned[]; light: Lighting; put: (told: Corrected) => void; sayable: boolean }) {
  const say = useSay(own);
  const { can } = useSession();
  const [editing, setEditing] = useState<string | null>(null);
  const [told, setTold] = useState("");
  const back = useRef<string | null>(null);
  const list = useRef<HTMLElement>(null);
  const { doubtful, certain } = sorted(fields, warnings);
  // What the fact rests on comes first: with a long table it would lie far below.
  const rest = [...certain.filter(({ path }) => light.lit(path)), ...certain.filter(({ path }) => !light.lit(path))];
  const may = can("documents:write");

  useEffect(() => {
    if (editing !== null || back.current === null) return;
    rowOf(list, back.current)?.focus();
    back.current = null;
  });
  useEffect(() => {
    if (light.chosen === null) return;
    intoSight(document.querySelector(`.boxes [data-path="${CSS.escape(light.chosen)}"]`));
    const row = rowOf(list, light.chosen);
    if (row && !list.current?.contains(document.activeElement)) row.scrollIntoView({ block: "nearest" });
  }, [light.chosen]);

  const move = (path: string, by: number): void => {
    const all = [...(list.current?.querySelectorAll<HTMLElement>("button.value") ?? [])];
    all[all.findIndex((one) => one.dataset["path"] === path) + by]?.focus();
  };
  const leave = (): void => document.getElementById("content")?.focus();
  const close = (path: string): void => {
    back.current = path;
    setEditing(null);
  };
  const items = (some: readonly Field[]) =>
    some.map((field) => (
      <li key={field.path}>
        {editing === field.path ? (
          <Editing
            sha256={sha256}
            field={field}
            name={light.name(field.path)}
            close={() => close(field.path)}
            put={(answer) => {
              setTold(answer.message);
              put(answer);
            }}
          />
        ) : (
          <Row field={field} light={light} warnings={warnings} edit={() => may && setEditing(field.path)} move={(by) => move(field.path, by)} leave={leave} />
        )}
      </li>
    ));
  return (
    <section ref={list} className="fieldlist" aria-label={say("fields")}>
      <div className="fieldbar">
        <h2>{say("fields")}</h2>
        <span className="hint">
          {fields.length < total ? `${count(fields.length)} / ${count(total)}` : say("fields_n", { n: count(total) })}
          {may && fields.length > 0 && ` · ${say("keys")}`}
        </span>
      </div>
      <p role="status" className={told ? "toldso" : "unseen"}>
        {told && say("saved", { message: told })}
      </p>
      {fields.length === 0 && <p className="hint">{say("no_fields")}</p>}
      {doubtful.length > 0 && (
        <>
          <h3>{say("doubtful", { n: count(doubtful.length) })}</h3>
          <ul className="doubts">{items(doubtful)}</ul>
          {rest.length > 0 && <h3>{say("certain")}</h3>}
        </>
      )}
      <ul>{items(rest)}</ul>
      {may && sayable && <Unread fields={fields} light={light} editing={editing} edit={setEditing} items={items} />}
    </section>
  );
}
