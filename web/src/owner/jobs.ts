// Uploads: handing papers in, and watching the jobs that read them and the build after them.
import { useEffect, useState } from "react";
import { Failure, failure } from "../api.ts";
import { forget } from "../answer.ts";
import { asked, get, type Schema } from "../asking.ts";
import { useSettings } from "../settings.ts";

export type Job = Schema<"Job">;
const PAUSE_MS = 1000;
const ENDED = new Set(["done", "failed", "stopped"]);

export function over(job: Pick<Job, "state">): boolean {
  return ENDED.has(job.state);
}

/** The build that came of an upload. */
export function buildOf(job: Job): string | null {
  const build = job.result?.["build"];
  return typeof build === "string" ? build : null;
}

/** Sends files; the answer names the job that reads them. Throws `Failure`. */
export async function handIn(files: readonly File[], lang: string): Promise<Schema<"Upload">> {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  let response: Response;
  try {
    response = await fetch("/v1/documents", { method: "POST", body: form, headers: { Accept: "application/json", "Accept-Language": lang }, credentials: "same-origin" });
  } catch {
    throw new Failure(0, "", "unreachable");
  }
  if (!response.ok) throw await failure(response);
  return (await response.json()) as Schema<"Upload">;
}

export interface Watched {
  jobs: Job[];
  builds: Job[];
  /** Nothing runs any more. */
  settled: boolean;
  failure?: Failure | undefined;
}

/** Asks for jobs every second until they and their builds have ended. */
export function useJobs(ids: readonly string[]): Watched {
  const { lang } = useSettings();
  const key = ids.join(",");
  const [state, setState] = useState<{ key: string; watched: Watched }>({ key: "", watched: { jobs: [], builds: [], settled: true } });
  useEffect(() => {
    if (!key) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waited = false;
    const job = (id: string): Promise<Job> => asked(get("/v1/jobs/{job}", { path: { job: id } }), lang, { signal: stop.signal });
    const look = async (): Promise<void> => {
      try {
        const jobs = await Promise.all(key.split(",").map(job));
        const builds = await Promise.all([...new Set(jobs.map(buildOf).filter((id) => id !== null))].map(job));
        const settled = [...jobs, ...builds].every(over);
        if (settled && waited) forget(); // what was read before the build is old now
        setState({ key, watched: { jobs, builds, settled } });
        waited = true;
        if (!settled) timer = setTimeout(() => void look(), PAUSE_MS);
      } catch (error) {
        if (stop.signal.aborted) return;
        setState((now) => ({ key, watched: { ...(now.key === key ? now.watched : { jobs: [], builds: [] }), settled: false, failure: error instanceof Failure ? error : new Failure(0, String(error), "unexpected") } }));
        timer = setTimeout(() => void look(), 3 * PAUSE_MS);
      }
    };
    void look();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [key, lang]);
  if (!key) return { jobs: [], builds: [], settled: true };
  return state.key === key ? state.watched : { jobs: [], builds: [], settled: false };
}
