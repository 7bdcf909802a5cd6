// What the reader chose and we remember: language, unit of money, light or dark.
import { createContext, useContext, useEffect, useMemo, useState } from "react";
import { UNITS, type Unit } from "./format.ts";
import { go, usePlace } from "./route.ts";
import { filled, type Lang, type Word, words } from "./words.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export interface Settings {
  lang: Lang;
  unit: Unit;
  theme: Theme;
  setLang: (lang: Lang) => void;
  setUnit: (unit: Unit) => void;
  setTheme: (theme: Theme) => void;
  /** The words of the page in the reader's language. */
  t: (word: Word, params?: Record<string, string | number>) => string;
}

const KEY = "dayan";

function isOneOf<T extends string>(choices: readonly T[], value: unknown): value is T {
  return choices.includes(value as T);
}

function stored(): Record<string, unknown> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, unknown>;
  } catch {
    return {};
  }
}

function store(change: Record<string, string>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...stored(), ...change }));
  } catch {
    // A browser that stores nothing still shows the page; only the choice is forgotten.
  }
}

const LANGS = ["zh", "en"] as const;

/** The language of a reader whose address names none. */
export function firstLang(): Lang {
  const kept = stored()["lang"];
  if (isOneOf(LANGS, kept)) return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** The settings of this browser; the address's `lang` wins over the stored one and is stored. */
export function useOwnSettings(): Settings {
  const place = usePlace();
  const [fallback] = useState(firstLang);
  const lang = isOneOf(LANGS, place.lang) ? place.lang : fallback;
  const kept = stored();
  const [unit, setUnit] = useState<Unit>(isOneOf(UNITS, kept["unit"]) ? kept["unit"] : "middle");
  const [theme, setTheme] = useState<Theme>(isOneOf(THEMES, kept["theme"]) ? kept["theme"] : "system");

  useEffect(() => {
    if (place.lang !== lang && place.page !== "missing") go({ ...place, lang }, true);
  });
  useEffect(() => {
    store({ lang, unit, theme });
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [lang, unit, theme]);

  return useMemo(
    () => ({
      lang,
      unit,
      theme,
      setLang: (next: Lang) => go({ ...place, lang: next }, true),
      setUnit,
      setTheme,
      t: (word: Word, params?: Record<string, string | number>) => filled(words[word][lang], params),
    }),
    [lang, unit, theme, place],
  );
}

export const SettingsContext = createContext<Settings | null>(null);

export function useSettings(): Settings {
  const settings = useContext(SettingsContext);
  if (!settings) throw new Error("useSettings outside of its provider");
  return settings;
}
