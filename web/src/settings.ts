// What the reader chose and we remember: language, unit of money, light or dark.
import { createContext, useContext, useEffect, useLayoutEffect, useMemo, useState, useSyncExternalStore } from "react";
import { UNITS, type Unit } from "./format.ts";
import { go, usePlace } from "./route.ts";
import { filled, type Lang, type Word, words } from "./words.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
/** What is seen of a theme: what the system says is settled here, so that the tokens say the dark colours once. */
export type Shade = "light" | "dark";

export interface Settings {
  lang: Lang;
  unit: Unit;
  theme: Theme;
  /** The colours that hold now; charts are drawn anew with it. */
  shade: Shade;
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

function keptTheme(): Theme {
  const kept = stored()["theme"];
  return isOneOf(THEMES, kept) ? kept : "system";
}

const DARK = "(prefers-color-scheme: dark)";

function shadeOf(theme: Theme): Shade {
  if (theme !== "system") return theme;
  return matchMedia(DARK).matches ? "dark" : "light";
}

/** Before the first frame: nobody who reads in the dark sees a white page first. */
export function shadeEarly(): void {
  document.documentElement.dataset["theme"] = shadeOf(keptTheme());
}

function watchSystem(changed: () => void): () => void {
  const media = matchMedia(DARK);
  media.addEventListener("change", changed);
  return () => media.removeEventListener("change", changed);
}

/** The system's own change of mind is followed while the reader chose nothing else. */
function useShade(theme: Theme): Shade {
  return useSyncExternalStore(watchSystem, () => shadeOf(theme));
}

/** The settings of this browser; the address's `lang` wins over the stored one and is stored. */
export function useOwnSettings(): Settings {
  const place = usePlace();
  const [fallback] = useState(firstLang);
  const lang = isOneOf(LANGS, place.lang) ? place.lang : fallback;
  const kept = stored();
  const [unit, setUnit] = useState<Unit>(isOneOf(UNITS, kept["unit"]) ? kept["unit"] : "middle");
  const [theme, setTheme] = useState<Theme>(keptTheme);
  const shade = useShade(theme);

  useEffect(() => {
    if (place.lang !== lang && place.page !== "missing") go({ ...place, lang }, true);
  });
  useEffect(() => {
    store({ lang, unit, theme });
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  }, [lang, unit, theme]);
  // Before the effects of charts and pictures below: those read the tokens.
  useLayoutEffect(() => {
    document.documentElement.dataset["theme"] = shade;
  }, [shade]);

  return useMemo(
    () => ({
      lang,
      unit,
      theme,
      shade,
      setLang: (next: Lang) => go({ ...place, lang: next }, true),
      setUnit,
      setTheme,
      t: (word: Word, params?: Record<string, string | number>) => filled(words[word][lang], params),
    }),
    [lang, unit, theme, shade, place],
  );
}

export const SettingsContext = createContext<Settings | null>(null);

export function useSettings(): Settings {
  const settings = useContext(SettingsContext);
  if (!settings) throw new Error("useSettings outside of its provider");
  return settings;
}
