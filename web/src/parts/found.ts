// Firms as a reader types: names, pinyin, initials, codes, traditional or simplified; asked for after a pause.
import { useEffect, useState } from "react";
import { ask, type Found, type Listing, where } from "../api.ts";
import { useSettings } from "../settings.ts";

const PAUSE_MS = 120;

/** What is found for a text, with the text it was found for; null while nothing is typed or nothing came yet. */
export function useFound(query: string): { q: string; items: Found[] } | null {
  const { lang } = useSettings();
  const [found, setFound] = useState<{ q: string; items: Found[] } | null>(null);
  useEffect(() => {
    if (!query) {
      setFound(null);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask<Listing<Found>>(where.search(query), lang, stop.signal).then(
        (answer) => setFound({ q: query, items: answer.items }),
        () => {
          if (!stop.signal.aborted) setFound({ q: query, items: [] });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [query, lang]);
  return query ? found : null;
}
