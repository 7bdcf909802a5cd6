// What is being read and what became of it, batch by batch, paper by paper; and the build that follows.
import { useState } from "react";
import { useDeed } from "../answer.ts";
import { post } from "../asking.ts";
import { count, percent } from "../format.ts";
import { Button, Checkbox } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { needsHand, type Outcome, runs, type Summary, useOutcomes, worstFirst } from "./jobs.ts";
import { minuteOf } from "./moment.ts";
import { Rejects } from "./rejects.tsx";
import { useFormats } from "./state.tsx";
import { own } from "./words.ts";

/** Ended batches that stay in sight beside those that run or were sent from here. */
const KEPT = 3;

function One({ outcome, place }: { outcome: Outcome; place: Place }) {
  const say = useSay(own);
  const formatOf = useFormats();
  const name = outcome.name.split("/").at(-1) ?? outcome.name;
  const numbers = { facts: count(outcome.facts), rejected: count(outcome.rejected) };
  const became = outcome.state === "failed" ? say("out_failed") : outcome.state === "known" ? say("out_known") : outcome.facts === 0 && outcome.rejected > 0 ? say("out_none", numbers) : outcome.rejected > 0 ? say("out_partly", numbers) : say("out_read", numbers);
  return (
    <li className={needsHand(outcome) ? "trouble" : undefined}>
      <span className="which" title={outcome.name}>
        {outcome.sha256 && outcome.state !== "failed" ? (
          <Link to={{ page: "document", id: outcome.sha256, lang: place.lang }}>
            <Printed>{name}</Printed>
          </Link>
        ) : (
          <Printed>{name}</Printed>
        )}
      </span>
      <span className="became">
        {became} {outcome.format && <span className="hint">{formatOf(outcome.format)}</span>}
        {outcome.error && <span className="wrongly">{outcome.error.message}</span>}
        {outcome.warnings.map((warning) => (
          <span key={warning.code + warning.field + warning.value} className="hint">
            {warning.message}
            {warning.count > 1 && ` ×${count(warning.count)}`}
          </span>
        ))}
        {outcome.rejected > 0 && outcome.sha256 && (
          <Rejects sha256={outcome.sha256} name={outcome.name}>
            {say("rejects")}
          </Rejects>
        )}
      </span>
    </li>
  );
}

function Outcomes({ job, place, mend, file }: { job: Summary; place: Place; mend: (files: readonly File[]) => void; file: (name: string) => File | undefined }) {
  const say = useSay(own);
  const [trouble, setTrouble] = useState(false);
  const { items } = useOutcomes(job.id, job.progress.done, !runs(job));
  const shown = worstFirst(items).filter((one) => !trouble || needsHand(one));
  const bad = items.filter(needsHand);
  // Only what was handed in from this page is still at hand to be handed in again.
  const again = [...new Set(bad.flatMap((one) => file(one.name.split("/")[0] ?? "") ?? []))];
  return (
    <div className="outcomes">
      <div className="deeds">
        <Checkbox isSelected={trouble} onChange={setTrouble}>
          {say("only_trouble")} ({count(bad.length)})
        </Checkbox>
        {again.length > 0 && !runs(job) && (
          <>
            <Button onPress={() => mend(again)}>{say("mend", { n: count(again.length) })}</Button>
            <span className="hint">{say("mend_hint")}</span>
          </>
        )}
      </div>
      {trouble && bad.length === 0 ? (
        <p className="hint">{say("no_trouble")}</p>
      ) : (
        <ul tabIndex={0} aria-label={say("results")}>
          {shown.map((one) => (
            <One key={`${one.name} ${one.sha256 ?? ""}`} outcome={one} place={place} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** `fresh`: sent from here; `alone`: as the only batch, so that its papers are shown unasked. */
function Batch({ job, place, fresh, alone, mend, file, look }: { job: Summary; place: Place; fresh: boolean; alone: boolean; mend: (files: readonly File[]) => void; file: (name: string) => File | undefined; look: () => void }) {
  const say = useSay(own);
  const { can } = useSession();
  const { read = 0, known = 0, failed = 0 } = job.documents;
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? (fresh && (alone || failed > 0));
  const { act, busy } = useDeed(look);
  const n = read + known + failed;
  const told = [read > 0 && say("of_read", { n: count(read) }), known > 0 && say("of_known", { n: count(known) }), failed > 0 && say("of_failed", { n: count(failed) })].filter(Boolean);
  return (
    <li className="batch">
      <div className="batchbar">
        <strong>{n ? say("batch", { when: minuteOf(job.created), n: count(n) }) : say("batch_waits", { when: minuteOf(job.created) })}</strong>
        <span className={`tag ${job.state === "done" ? (failed ? "warn" : "good") : job.state === "failed" ? "red" : ""}`}>{job.state_text}</span>
        <span className="hint">{told.join(" · ")}</span>
        {runs(job) && (
          <>
            {job.progress.total ? <progress value={job.progress.done} max={job.progress.total} aria-label={job.progress.step ?? job.kind_text} /> : null}
            <span className="hint">{job.progress.total ? say("progress", { step: job.progress.step ?? "", share: percent(job.progress.done / job.progress.total) }) : job.progress.step}</span>
            {can("documents:write") && (
              <Button kind="quiet" isDisabled={busy || job.stopping} onPress={() => act(post("/v1/jobs/{job}/stop", { path: { job: job.id } }))}>
                {say("stop")}
              </Button>
            )}
          </>
        )}
        {n > 0 && (
          <Button kind="quiet" onPress={() => setChosen(!open)} aria-expanded={open}>
            {say(open ? "hide" : "results")}
          </Button>
        )}
      </div>
      {job.error && <p className="wrong">{job.error.message}</p>}
      {open && n > 0 && <Outcomes job={job} place={place} mend={mend} file={file} />}
    </li>
  );
}

/** The last build: whether it waits, runs, is done or failed. */
function Build({ job, look }: { job: Summary; look: () => void }) {
  const say = useSay(own);
  const { can } = useSession();
  const { act, busy } = useDeed(look);
  const snapshot = typeof job.result?.["snapshot"] === "string" ? job.result["snapshot"].slice(0, 8) : "";
  const said =
    job.state === "queued" ? say("build_queued") : job.state === "running" ? say("build_running", { step: job.progress.step ?? "" }) : job.state === "done" ? say("build_done", { snapshot }) : say("build_failed", { why: job.error?.message ?? job.state_text });
  return (
    <p className="buildstate" role="status">
      <span className={`tag ${job.state === "done" ? "good" : job.state === "failed" ? "red" : ""}`}>{say("build")}</span> {said} <span className="hint">{minuteOf(job.ended ?? job.created)}</span>
      {!runs(job) && job.state !== "done" && can("documents:write") && (
        <Button isDisabled={busy} onPress={() => act(post("/v1/jobs", { body: { kind: "build" } }))}>
          {say("build_now")}
        </Button>
      )}
    </p>
  );
}

export function Batches({ jobs, sent, place, mend, file, look }: { jobs: readonly Summary[]; sent: readonly string[]; place: Place; mend: (files: readonly File[]) => void; file: (name: string) => File | undefined; look: () => void }) {
  const say = useSay(own);
  const ingests = jobs.filter(({ kind }) => kind === "ingest");
  const build = jobs.find(({ kind }) => kind === "build");
  const ended = ingests.filter((job) => !runs(job) && !sent.includes(job.id)).slice(0, KEPT);
  const shown = ingests.filter((job) => runs(job) || sent.includes(job.id) || ended.includes(job));
  if (!shown.length && !build) return null;
  return (
    <section className="box batches" aria-label={say("batches")}>
      <h2>{say("batches")}</h2>
      {build && <Build job={build} look={look} />}
      <ul>
        {shown.map((job) => (
          <Batch key={job.id} job={job} place={place} fresh={sent.includes(job.id)} alone={sent.length === 1} mend={mend} file={file} look={look} />
        ))}
      </ul>
    </section>
  );
}
