// Reading from the API inside a component: one answer, or pages of a list; kept, so that going back is instant.
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { ask, Failure, type Answer, type Listing } from "./api.ts";
import { asked, type Question } from "./asking.ts";
import { useSettings } from "./settings.ts";

export type State<T> = { data: T; failure?: undefined } | { data?: undefined; failure: Failure } | { data?: undefined; failure?: undefined };

const kept = new Map<string, Answer>();
const KEPT_AT_MOST = 200;

/** Keeps an answer; a newly published snapshot empties the drawer, so that versions never mix. */
function keep(key: string, answer: Answer): void {
  const [other] = kept.values();
  if ((other && other.snapshot !== answer.snapshot) || kept.size >= KEPT_AT_MOST) kept.clear();
  kept.set(key, answer);
}

/** Counts how often something was forgotten: what stands on the page is then asked for anew, and shown until it comes. */
let forgotten = 0;
const watching = new Set<() => void>();

function useForgotten(): number {
  return useSyncExternalStore(watchForgotten, () => forgotten);
}
function watchForgotten(changed: () => void): () => void {
  watching.add(changed);
  return () => void watching.delete(changed);
}

function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure(0, String(error), "unexpected");
}

/** The answer to one address; `null` asks nothing. `again` repeats a failed question. */
export function useAnswer<T extends Answer>(url: string | null): State<T> & { again: () => void } {
  const { lang } = useSettings();
  const key = `${lang} ${url ?? ""}`;
  const [settled, setSettled] = useState<{ key: string; state: State<T> }>({ key: "", state: {} });
  const [attempt, setAttempt] = useState(0);
  const old = useForgotten();

  useEffect(() => {
    if (url === null) return;
    const data = kept.get(key) as T | undefined;
    if (data) {
      // Shown from what was kept: it stays on the page while it is asked for anew.
      setSettled((now) => (now.key === key && now.state.data === data ? now : { key, state: { data } }));
      return;
    }
    const stop = new AbortController();
    ask<T>(url, lang, stop.signal).then(
      (data) => {
        keep(key, data);
        setSettled({ key, state: { data } });
      },
      (error: unknown) => {
        if (!stop.signal.aborted) setSettled({ key, state: { failure: asFailure(error) } });
      },
    );
    return () => stop.abort();
  }, [key, url, lang, attempt, old]);

  const again = useCallback(() => {
    setSettled({ key: "", state: {} });
    setAttempt((n) => n + 1);
  }, []);
  const known = url === null ? undefined : (kept.get(key) as T | undefined);
  if (known) return { data: known, again };
  return settled.key === key ? { ...settled.state, again } : { again };
}

/** The answer to a question of the description; `null` asks nothing. Kept as `useAnswer` keeps. */
export function useAsked<T>(what: Question<T> | null): State<T> & { again: () => void } {
  const { lang } = useSettings();
  const key = `${lang} ${what?.key ?? ""}`;
  const [settled, setSettled] = useState<{ key: string; state: State<T> }>({ key: "", state: {} });
  const [attempt, setAttempt] = useState(0);
  const old = useForgotten();

  useEffect(() => {
    if (what === null) return;
    const data = kept.get(key) as T | undefined;
    if (data) {
      // Shown from what was kept: it stays on the page while it is asked for anew.
      setSettled((now) => (now.key === key && now.state.data === data ? now : { key, state: { data } }));
      return;
    }
    const stop = new AbortController();
    asked(what, lang, { signal: stop.signal }).then(
      (data) => {
        keep(key, data as Answer);
        setSettled({ key, state: { data } });
      },
      (error: unknown) => {
        if (!stop.signal.aborted) setSettled({ key, state: { failure: asFailure(error) } });
      },
    );
    return () => stop.abort();
  }, [key, attempt, old]); // `what` is its key

  const again = useCallback(() => {
    forget(key);
    setSettled({ key: "", state: {} });
    setAttempt((n) => n + 1);
  }, [key]);
  const known = what === null ? undefined : (kept.get(key) as T | undefined);
  if (known) return { data: known, again };
  return settled.key === key ? { ...settled.state, again } : { again };
}

/** What a deed does to a component: it runs, failed, or is done. */
export type Doing<T> = { busy: boolean; failure?: Failure | undefined; done?: T | undefined };

/** A deed on request: `act(question)` does it once at a time, forgets what was kept, and tells how it went. */
export function useDeed<T>(after?: (done: T) => void): Doing<T> & { act: (what: Question<T>, idempotency?: string) => void; clear: () => void } {
  const { lang } = useSettings();
  const [doing, setDoing] = useState<Doing<T>>({ busy: false });
  const act = useCallback(
    (what: Question<T>, idempotency?: string) => {
      setDoing((now) => ({ ...now, busy: true, failure: undefined }));
      asked(what, lang, { idempotency }).then(
        (done) => {
          forget();
          setDoing({ busy: false, done });
          after?.(done);
        },
        (error: unknown) => setDoing({ busy: false, failure: asFailure(error) }),
      );
    },
    [lang, after],
  );
  const clear = useCallback(() => setDoing({ busy: false }), []);
  return { ...doing, act, clear };
}

/** Forgets one kept answer, or all of them after something was changed. */
export function forget(key?: string): void {
  if (key === undefined) kept.clear();
  else kept.delete(key);
  forgotten += 1;
  for (const changed of watching) changed();
}

export type Pages<T> = State<Listing<T>> & {
  again: () => void;
  /** Reads the next page; null when there is none. */
  more: (() => void) | null;
  moreState: "idle" | "busy" | "failed";
};

/** A list that is read page by page: what is there so far, and how to get the rest. */
export function usePages<T>(urlOf: (cursor?: string) => string): Pages<T> {
  const { lang } = useSettings();
  const first = urlOf();
  const start = useAnswer<Listing<T>>(first);
  const [further, setFurther] = useState<{ key: string; items: T[]; next: string | null }>({ key: "", items: [], next: null });
  const [moreState, setMoreState] = useState<"idle" | "busy" | "failed">("idle");
  const key = `${lang} ${first} ${start.data?.snapshot ?? ""}`;
  if (!start.data) return { ...start, more: null, moreState };

  const mine = further.key === key ? further : { key, items: [], next: start.data.next };
  const more = (): void => {
    if (mine.next === null || moreState === "busy") return;
    setMoreState("busy");
    ask<Listing<T>>(urlOf(mine.next), lang).then(
      (page) => {
        setFurther({ key, items: [...mine.items, ...page.items], next: page.next });
        setMoreState("idle");
      },
      () => setMoreState("failed"),
    );
  };
  const data = { ...start.data, items: [...start.data.items, ...mine.items], next: mine.next };
  return { data, again: start.again, more: mine.next === null ? null : more, moreState };
}
