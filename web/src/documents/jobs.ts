// Jobs as they go: asked again while any runs, quiet when all have ended.
import { useCallback, useEffect, useRef, useState } from "react";
import { forget } from "../answer.ts";
import { asked, get, type Schema } from "../asking.ts";
import { useSettings } from "../settings.ts";

export type Summary = Schema<"JobSummary">;
export type Outcome = Schema<"JobOutcome">;

const OFTEN_MS = 900;
/** Jobs looked at: the newest. */
const LOOKED = 20;
const PAGE = 200;
/** Outcomes of one job that a page lists. */
const MOST = 2000;

export function runs(job: Summary): boolean {
  return job.state === "queued" || job.state === "running";
}

/** The newest jobs. `changed` is called when one ended since the last look; `look` looks at once. */
export function useJobs(changed: () => void): { jobs: readonly Summary[]; look: () => void } {
  const { lang } = useSettings();
  const [jobs, setJobs] = useState<readonly Summary[]>([]);
  const [turn, setTurn] = useState(0);
  const before = useRef<readonly Summary[]>([]);
  const tell = useRef(changed);
  tell.current = changed;
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      asked(get("/v1/jobs", { query: { limit: LOOKED } }), lang, { signal: stop.signal }).then(
        ({ items }) => {
          const ended = before.current.filter(runs).some((old) => items.some((now) => now.id === old.id && !runs(now)));
          before.current = items;
          setJobs(items);
          if (ended) {
            forget();
            tell.current();
          }
          if (items.some(runs)) timer = setTimeout(look, OFTEN_MS);
        },
        () => {
          // Nobody answers for the moment: what was shown stays, and it is asked again.
          if (!stop.signal.aborted && before.current.some(runs)) timer = setTimeout(look, OFTEN_MS * 4);
        },
      );
    };
    look();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [lang, turn]);
  return { jobs, look: useCallback(() => setTurn((n) => n + 1), []) };
}

/** What became of each document of a job, read anew whenever more have been read (`done`). */
export function useOutcomes(job: string, done: number, ended: boolean): { items: readonly Outcome[]; total: number } {
  const { lang } = useSettings();
  const [state, setState] = useState<{ items: Outcome[]; total: number }>({ items: [], total: 0 });
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      const items: Outcome[] = [];
      let cursor: string | null = null;
      do {
        const page: { items: Outcome[]; total: number; next: string | null } = await asked(get("/v1/jobs/{job}", { path: { job }, query: { limit: PAGE, cursor: cursor ?? undefined } }), lang, { signal: stop.signal });
        items.push(...page.items);
        cursor = page.next;
        setState({ items: [...items], total: page.total });
      } while (cursor !== null && items.length < MOST && ended);
    };
    read().catch(() => undefined);
    return () => stop.abort();
  }, [job, done, ended, lang]);
  return state;
}

/** Whether somebody should look at it: it failed, rows were rejected, or nothing came of it. */
export function needsHand(outcome: Outcome): boolean {
  return outcome.state === "failed" || outcome.rejected > 0 || (outcome.state === "read" && outcome.facts === 0);
}

/** What needs a hand first: failed ones, those with rejected rows, then the rest as they were read. */
export function worstFirst(outcomes: readonly Outcome[]): Outcome[] {
  const rank = (one: Outcome): number => (one.state === "failed" ? 0 : needsHand(one) ? 1 : one.warned > 0 || one.warnings.length > 0 ? 2 : 3);
  return outcomes.map((one, at) => ({ one, at })).sort((a, b) => rank(a.one) - rank(b.one) || a.at - b.at).map(({ one }) => one);
}
