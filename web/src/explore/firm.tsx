// A box that finds one firm as its reader types: names, pinyin, initials, codes, traditional or simplified.
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import type { Found } from "../api.ts";
import { useFound } from "../parts/found.ts";
import { useSay } from "../say.ts";
import { own } from "./words.ts";

export interface Picked {
  id: string;
  name: string;
}

/** `keep`: the name stays in the box after it was picked (a form); else the box is emptied for the next. */
export function FirmBox({ label, keep, value, onPick }: { label: string; keep?: boolean; value?: string; onPick: (firm: Picked) => void }) {
  const say = useSay(own);
  const [text, setText] = useState(value ?? "");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const id = useId();
  const found = useFound(open ? text.trim() : "");
  const items = found?.items ?? [];
  const shown = open && found !== null;
  useEffect(() => setActive(0), [found]);
  useEffect(() => setText(value ?? ""), [value]);
  const choose = (item: Found | undefined): void => {
    if (!item) return;
    setOpen(false);
    setText(keep ? item.name : "");
    onPick({ id: item.id, name: item.name });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step && items.length) {
      event.preventDefault();
      setOpen(true);
      setActive((active + step + items.length) % items.length);
    } else if (event.key === "Enter" && shown) {
      event.preventDefault();
      choose(items[active]);
    } else if (event.key === "Escape" && shown) {
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <div className="search firmbox" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setOpen(false)}>
      <input
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded={shown && items.length > 0}
        aria-controls={`${id}list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && items.length ? `${id}${active}` : undefined}
        placeholder={`${label} · ${say("add_hint")}`}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
      />
      <ul role="listbox" id={`${id}list`} aria-label={label} hidden={!shown || !items.length}>
        {items.map((item, at) => (
          <li key={item.id} id={`${id}${at}`} role="option" aria-selected={at === active} onMouseDown={(event) => event.preventDefault()} onClick={() => choose(item)} onMouseMove={() => setActive(at)}>
            <span lang="zh-CN">{item.name}</span>
            <span className="hint">{item.code}</span>
          </li>
        ))}
      </ul>
      <span className={shown && !items.length ? "none" : "unseen"} role="status">
        {shown && (items.length ? say("found", { n: items.length }) : say("none_found", { q: found.q }))}
      </span>
    </div>
  );
}
