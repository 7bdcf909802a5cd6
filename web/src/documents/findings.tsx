// What was found wrong or odd with a paper, on top of it: warnings, rejected rows, and these as a download.
import { useState } from "react";
import type { Schema } from "../asking.ts";
import { count } from "../format.ts";
import { useSay } from "../say.ts";
import { Rejects } from "./rejects.tsx";
import { own } from "./words.ts";

/** Lines shown before somebody asks for the rest. */
const SHORT = 4;

function Said({ items, total }: { items: readonly Schema<"RowWarned">[]; total: number }) {
  const say = useSay(own);
  const [all, setAll] = useState(false);
  const shown = all ? items : items.slice(0, SHORT);
  return (
    <>
      <ul>
        {shown.map((one, at) => (
          <li key={at}>
            {one.row > 0 && <span className="hint">{say("row_n", { n: count(one.row) })}</span>} {one.message}
          </li>
        ))}
      </ul>
      {(shown.length < items.length || items.length < total) && (
        <p>
          <span className="hint">{say("more_warnings", { n: count(shown.length), total: count(total) })}</span>{" "}
          {shown.length < items.length && (
            <button type="button" onClick={() => setAll(true)}>
              {say("all")}
            </button>
          )}
        </p>
      )}
    </>
  );
}

export function Findings({ told }: { told: Schema<"Document"> }) {
  const say = useSay(own);
  if (told.warnings_total === 0 && told.rejected === 0) return null;
  return (
    <section className="box paperfindings" aria-label={say("on_paper")}>
      {told.rejected > 0 && (
        <div>
          <h2>{say("rejected_rows", { n: count(told.rejected) })}</h2>
          <Said items={told.rejects} total={Math.max(told.rejected, told.rejects.length)} />
          <p>
            <Rejects className="button" sha256={told.id} name={told.name}>
              {say("rejects")}
            </Rejects>{" "}
            <span className="hint">{say("rejects_hint")}</span>
          </p>
        </div>
      )}
      {told.warnings_total > 0 && (
        <div>
          <h2>{say("on_paper")}</h2>
          <Said items={told.warnings} total={told.warnings_total} />
        </div>
      )}
    </section>
  );
}
