// The page of all papers: handing them in, watching them read, mending what failed, and the list.
import { useCallback, useEffect, useState } from "react";
import { forget, useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { AsOf } from "../parts/asof.tsx";
import { Empty } from "../parts/states.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useTitle } from "../title.ts";
import { Batches } from "./batches.tsx";
import "./documents.css";
import { Drop } from "./drop.tsx";
import { runs, useJobs } from "./jobs.ts";
import { List, Troubles } from "./listing.tsx";
import { useSending } from "./sending.ts";
import { own } from "./words.ts";

function Nothing() {
  const say = useSay(own);
  return (
    <Empty>
      <strong>{say("empty_title")}</strong>
      <p>{say("empty_do")}</p>
      <p>
        <code>dayan ingest PATH</code> <code>dayan build</code>
      </p>
    </Empty>
  );
}

export default function Documents({ place }: { place: Place }) {
  const say = useSay(own);
  const { who, can } = useSession();
  const [turn, setTurn] = useState(0);
  const first = useAsked(get("/v1/documents", { query: { limit: 1 } }));
  const renewed = useCallback(() => {
    forget();
    setTurn((n) => n + 1);
    first.again();
  }, [first.again]);
  const { jobs, look } = useJobs(renewed);
  const sending = useSending();
  const [owner, setOwner] = useState("");
  const give = (files: readonly File[]): void => sending.hand(files, owner.trim());
  const sent = sending.jobs.length;
  useEffect(() => {
    if (sent) look();
  }, [sent, look]);
  useTitle(say("documents"));
  const empty = first.data?.total === 0;
  const may = can("documents:write");
  return (
    <main id="content" className="page documents" tabIndex={-1}>
      <div className="heading">
        <h1>{say("documents")}</h1>
        {first.data && <AsOf answer={first.data} />}
      </div>
      <p className="lead">{say("lead")}</p>
      {!empty && <Troubles place={place} turn={turn} failed={jobs.some(({ documents }) => (documents["failed"] ?? 0) > 0)} />}
      {may && <Drop sending={sending} owner={owner} setOwner={setOwner} give={give} again={sending.again} />}
      {who && !may && <p className="hint">{say("may_not")}</p>}
      <Batches jobs={jobs} sent={sending.jobs} place={place} mend={give} file={sending.file} look={look} />
      {empty ? !jobs.some(runs) && <Nothing /> : <List place={place} turn={turn} />}
    </main>
  );
}
