// Words of one room of the pages, and the labels that the API gives to its codes.
import { createContext, useContext, useMemo } from "react";
import { useAsked } from "./answer.ts";
import { get } from "./asking.ts";
import { useSettings } from "./settings.ts";
import { filled, type Pair } from "./words.ts";

export type Say<Own> = (word: keyof Own & string, params?: Record<string, string | number>) => string;

/** The words of a room, `{ key: { zh, en } }`, in the reader's language. */
export function useSay<Own extends Record<string, Pair>>(own: Own): Say<Own> {
  const { lang } = useSettings();
  return useMemo(() => (word, params) => filled(own[word]?.[lang] ?? word, params), [own, lang]);
}

export const LabelsContext = createContext<Readonly<Record<string, string>>>({});

/** Reads the labels of the API's codes once per language. */
export function useOwnLabels(): Readonly<Record<string, string>> {
  return useAsked(get("/v1/words")).data?.labels ?? NONE;
}
const NONE = {};

/** What a code of the API is called: `label("manual_review")`; a code nobody named stays as it is. */
export function useLabel(): (code: string | null | undefined) => string {
  const labels = useContext(LabelsContext);
  return (code) => (code ? (labels[code] ?? code) : "—");
}
