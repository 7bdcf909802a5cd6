// The values of a document, read page by page until all are there or a cap that is told.
import { useCallback, useEffect, useState } from "react";
import { Failure } from "../api.ts";
import { asked, get } from "../asking.ts";
import { useSettings } from "../settings.ts";
import { filled } from "../words.ts";
import { useLabel } from "../say.ts";
import { type Field, nameOf } from "./paths.ts";
import { own } from "./words.ts";

const PAGE = 200;
/** Values that a page lists; the total stands beside it. */
export const MOST = 2000;

export interface Fields {
  items: readonly Field[] | null;
  total: number;
  failure?: Failure | undefined;
  again: () => void;
  /** Puts corrected values in their places. */
  put: (changed: readonly Field[]) => void;
}

export function useFields(sha256: string): Fields {
  const { lang } = useSettings();
  const [state, setState] = useState<{ items: Field[] | null; total: number; failure?: Failure | undefined }>({ items: null, total: 0 });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      const items: Field[] = [];
      let cursor: string | null = null;
      do {
        const page: { items: Field[]; total: number; next: string | null } = await asked(get("/v1/documents/{sha256}/fields", { path: { sha256 }, query: { limit: PAGE, cursor: cursor ?? undefined } }), lang, { signal: stop.signal });
        items.push(...page.items);
        cursor = page.next;
        setState({ items: [...items], total: page.total });
      } while (cursor !== null && items.length < MOST);
    };
    read().catch((error: unknown) => {
      if (!stop.signal.aborted) setState({ items: null, total: 0, failure: error instanceof Failure ? error : new Failure(0, String(error), "unexpected") });
    });
    return () => stop.abort();
  }, [sha256, lang, attempt]);
  const again = useCallback(() => setAttempt((n) => n + 1), []);
  const put = useCallback((changed: readonly Field[]) => {
    const told = new Map(changed.map((one) => [one.path, one]));
    setState((now) => {
      const known = new Set(now.items?.map(({ path }) => path));
      const added = changed.filter(({ path }) => !known.has(path));
      return { ...now, items: now.items && [...now.items.map((one) => told.get(one.path) ?? one), ...added], total: now.total + added.length };
    });
  }, []);
  return { ...state, again, put };
}

/** Says what a path is called. */
export function useNames(): (path: string) => string {
  const { lang } = useSettings();
  const label = useLabel();
  return (path) => nameOf(path, (word, n) => (word in own ? filled(own[word as keyof typeof own][lang], n === undefined ? {} : { n }) : null), label);
}
