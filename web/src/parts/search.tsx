// The search box: names, pinyin initials and codes with typeahead, operated as an ARIA combobox.
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { ask, type Enterprise, type Found, where } from "../api.ts";
import { go, type Place, usePlace } from "../route.ts";
import { useSettings } from "../settings.ts";
import { useFound } from "./found.ts";

/** Where a found enterprise is shown: in the map that is looked at where it stands there, else on its own page. */
export function seatOf(enterprise: Enterprise, current: Place): Place {
  const { lang } = current;
  const here = current.page === "map" && enterprise.positions.some((position) => position.chain.id === current.chain);
  if (here) return { page: "map", chain: current.chain, enterprise: enterprise.id, view: current.view, lang };
  return { page: "enterprise", id: enterprise.id, lang };
}

/** `wide`: the one in the middle of the first page, which takes the focus; else that of the bar. */
export function Search({ wide = false }: { wide?: boolean }) {
  const { t, lang } = useSettings();
  const place = usePlace();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const found = useFound(text.trim());
  const items = found?.items ?? [];
  const shown = open && found !== null;

  useEffect(() => setActive(0), [found]);
  // A promise in newer browsers: an effect must not return it.
  useEffect(() => void document.getElementById(`${id}${active}`)?.scrollIntoView({ block: "nearest" }), [id, active]);
  useEffect(() => {
    const slash = (event: globalThis.KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", slash);
    return () => removeEventListener("keydown", slash);
  }, []);

  const choose = (item: Found | undefined): void => {
    if (!item) return;
    setOpen(false);
    setText("");
    ask<Enterprise>(where.enterprise(item.id), lang).then(
      (enterprise) => go(seatOf(enterprise, place)),
      () => go({ page: "enterprise", id: item.id, lang: place.lang }),
    );
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step && items.length) {
      event.preventDefault();
      setOpen(true);
      setActive((active + step + items.length) % items.length);
    } else if (event.key === "Enter" && shown) choose(items[active]);
    else if (event.key === "Escape") {
      if (shown) setOpen(false);
      else setText("");
    }
  };

  return (
    <div className="search" role="search" aria-label={wide ? `${t("search")} · ${t("dayan")}` : t("search")} onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setOpen(false)}>
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={t("search")}
        aria-expanded={shown}
        aria-controls={`${id}list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && items.length ? `${id}${active}` : undefined}
        placeholder={t("search_hint")}
        autoComplete="off"
        autoFocus={wide}
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onKeyDown={onKeyDown}
      />
      <ul role="listbox" id={`${id}list`} aria-label={t("search")} hidden={!shown || !items.length}>
        {items.map((item, at) => (
          <li key={item.id} id={`${id}${at}`} role="option" aria-selected={at === active} onMouseDown={(event) => event.preventDefault()} onClick={() => choose(item)} onMouseMove={() => setActive(at)}>
            <span>{item.name}</span>
            <span className="hint">
              {item.code} · {t(`match_${item.match}`)}
            </span>
          </li>
        ))}
      </ul>
      <span className={shown && !items.length ? "none" : "unseen"} role="status">
        {shown && (items.length ? t("search_count", { n: items.length }) : t("search_none", { q: found.q }))}
      </span>
    </div>
  );
}
