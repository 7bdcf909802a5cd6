// The second step: photograph or choose papers; each is told of in one sentence, with the doubtful place cut out.
import { type ChangeEvent, useState } from "react";
import { Failure } from "../api.ts";
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { Failed } from "../parts/states.tsx";
import { Button } from "../parts/form.tsx";
import { go } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { Doubt } from "./doubt.tsx";
import { Onward, type Shown, StepOf, toStep } from "./flow.tsx";
import { buildOf, handIn, type Job, over, useJobs, type Watched } from "./jobs.ts";
import { jobsOf, withJob } from "./steps.ts";
import { own } from "./words.ts";

type Outcome = Schema<"JobOutcome">;
/** Refusals of pictures, which say themselves what to send instead. */
const OF_PICTURES = /^(?:image|picture|ocr|scan)_/;
/** Named one by one: a telephone then hands in a JPEG, whatever form it keeps its photographs in. */
const KINDS = "image/jpeg,image/png,image/webp,application/pdf,.pdf,.ofd,.xml,.xlsx,.xls,.csv,.zip,.docx";

function File_({ label, hint, camera, take, busy }: { label: string; hint: string; camera: boolean; take: (files: File[]) => void; busy: boolean }) {
  const changed = (event: ChangeEvent<HTMLInputElement>): void => {
    const files = [...(event.target.files ?? [])];
    event.target.value = ""; // the same paper may be chosen once more
    if (files.length) take(files);
  };
  return (
    <label className={camera ? "hand main" : "hand"}>
      <input type="file" accept={KINDS} multiple={!camera} disabled={busy} onChange={changed} {...(camera ? { capture: "environment" as const } : {})} />
      <strong>{label}</strong>
      <span>{hint}</span>
    </label>
  );
}

function Paper({ paper }: { paper: Outcome }) {
  const say = useSay(own);
  const name = paper.name.split("/").at(-1) ?? paper.name;
  const [warning] = paper.warnings;
  const refused = paper.state === "failed" || (paper.state === "read" && paper.facts === 0);
  const tone = refused ? "bad" : warning || paper.rejected ? "check" : "good";
  const text = (): string => {
    if (refused) return say("refused", { why: paper.error?.message ?? warning?.message ?? say("refused_plain") });
    if (paper.state === "known") return say("known");
    if (paper.rejected) return say("accepted_partly", { n: paper.facts, m: paper.rejected });
    if (warning) return say("accepted_check", { why: warning.message });
    return say("accepted", { n: paper.facts });
  };
  return (
    <li className={`slip ${tone}`}>
      <span className="token" role="img" aria-label={say(tone === "bad" ? "is_refused" : tone === "check" ? "is_check" : "is_accepted")}>
        {tone === "bad" ? "✕" : tone === "check" ? "!" : "✓"}
      </span>
      <div>
        <strong>{name}</strong>
        <p>{text()}</p>
        {refused && !OF_PICTURES.test(paper.error?.code ?? "") && <p>{say("refused_do")}</p>}
        {!refused && paper.sha256 && <Doubt sha={paper.sha256} warned={paper.warnings.map(({ field }) => field)} />}
      </div>
    </li>
  );
}

/** One upload: its papers, and what is still being done. */
function Told({ job }: { job: Job }) {
  const say = useSay(own);
  return (
    <>
      {job.items.map((paper) => (
        <Paper key={`${paper.name} ${paper.sha256}`} paper={paper} />
      ))}
      {!over(job) && <li className="slip">{say("reading")}</li>}
      {job.error && <li className="slip bad">{say("refused", { why: job.error.message })}</li>}
    </>
  );
}

/** How far reading and adding up are, as one sentence. */
export function Standing({ watched }: { watched: Watched }) {
  const say = useSay(own);
  if (!watched.jobs.length) return null;
  if (watched.builds.some(({ state }) => state === "failed")) return <p role="status">{say("build_failed")}</p>;
  if (!watched.jobs.every(over)) return <p role="status">{say("reading")}</p>;
  if (!watched.settled) return <p role="status">{say("adding_up")}</p>;
  return watched.jobs.some((job) => buildOf(job) !== null) ? <p role="status">{say("added_up")}</p> : null;
}

export function PapersStep({ place }: Shown) {
  const say = useSay(own);
  const { lang } = useSettings();
  const watched = useJobs(jobsOf(place));
  const { bound } = useSession();
  const before = useAsked(bound ? get("/v1/documents", { query: { limit: 1 } }) : null);
  const [sending, setSending] = useState(0);
  const [upload, setUpload] = useState<{ refused: Schema<"Uploaded">[]; failure?: Failure }>({ refused: [] });
  const take = (files: File[]): void => {
    setSending(files.length);
    setUpload({ refused: [] });
    handIn(files, lang)
      .then(
        (answer) => {
          setUpload({ refused: answer.files.filter(({ accepted }) => !accepted) });
          go(withJob(place, answer.job), true);
        },
        (error: unknown) => setUpload({ refused: [], failure: error instanceof Failure ? error : new Failure(0, String(error), "unexpected") }),
      )
      .finally(() => setSending(0));
  };
  const waits = watched.jobs.length > 0 && !watched.settled;
  return (
    <StepOf title={say("papers_title")} place={place} at="papers">
      <p>{say("papers_lead")}</p>
      <div className="hands">
        <File_ label={say("photograph")} hint={say("photograph_hint")} camera take={take} busy={sending > 0} />
        <File_ label={say("files")} hint={say("files_hint")} camera={false} take={take} busy={sending > 0} />
      </div>
      <p className="hint">{say("papers_best")}</p>
      {sending > 0 && <p role="status">{say("sending", { n: sending })}</p>}
      {upload.failure && <Failed failure={upload.failure} again={() => setUpload({ refused: [] })} />}
      <Standing watched={watched} />
      <ul className="slips">
        {upload.refused.map((file) => (
          <li key={file.name} className="slip bad">
            <span className="token" role="img" aria-label={say("is_refused")}>
              ✕
            </span>
            <div>
              <strong>{file.name}</strong>
              <p>{say("refused", { why: file.error?.message ?? say("refused_plain") })}</p>
            </div>
          </li>
        ))}
        {[...watched.jobs].reverse().map((job) => (
          <Told key={job.id} job={job} />
        ))}
      </ul>
      {!watched.jobs.length && Boolean(before.data?.total) && <p className="hint">{say("earlier_papers", { n: before.data?.total ?? 0 })}</p>}
      <Onward
        label={waits ? say("wait") : watched.jobs.length ? say("next") : say("skip_papers")}
        busy={waits}
        act={() => toStep(place, "proven")}
        also={
          waits && watched.jobs.every(over) ? (
            <Button kind="quiet" onPress={() => toStep(place, "proven")}>
              {say("go_anyway")}
            </Button>
          ) : null
        }
      />
    </StepOf>
  );
}
