// History: sales by month from three sides, decisions, loans, notes, what changed, and who looked at it.
import { usePages } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { count, MISSING, money, rate, unitName } from "../format.ts";
import { Button } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { type Proof, Traced, worked } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { Block, Quiet } from "./block.tsx";
import { Applications, Decisions } from "./credit.tsx";
import type { SheetProps } from "./enterprise.tsx";
import { Notes } from "./notes.tsx";
import { own } from "./words.ts";

/** Entries of the audit chain read at a time. */
const READS = 100;
const BEIJING = 8 * 3_600_000;

/** A moment as Beijing has it, to the minute. */
function inBeijing(at: string): string {
  return new Date(Date.parse(at) + BEIJING).toISOString().slice(0, 16).replace("T", " ");
}

export interface Run {
  at: string;
  by: string;
  action_text: string;
  times: number;
}

/** Entries as they come, latest first; the same deed by the same person over and over on one day is told once. */
export function runsOf(entries: readonly Omit<Run, "times">[]): Run[] {
  const found: Run[] = [];
  for (const { at, by, action_text } of entries) {
    const same = found.find((run) => run.by === by && run.action_text === action_text && inBeijing(run.at).slice(0, 10) === inBeijing(at).slice(0, 10));
    if (same) same.times += 1;
    else found.push({ at, by, action_text, times: 1 });
  }
  return found;
}

/** A figure of a month; it opens the first paper that says so. */
function Figure({ figure, place, otherwise }: { figure: Schema<"SalesFigure">; place: Place; otherwise?: Proof }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const [paper] = figure.papers;
  const text = money(figure.amount_fen, lang, unit);
  return (
    <td className={(figure.amount_fen ?? 0) < 0 ? "number negative" : "number"}>
      {paper && figure.amount_fen !== null ? (
        <Link className="traced" to={{ page: "document", id: paper.id, lang: place.lang }}>
          {text}
        </Link>
      ) : (
        <Traced proof={(figure.amount_fen !== null && otherwise) || null}>{text}</Traced>
      )}
      {figure.source === "seen" && <div className="hint">{say("books_seen")}</div>}
    </td>
  );
}

function SalesByMonth({ data, id, place }: { data: Schema<"Sales">; id: string; place: Place }) {
  const say = useSay(own);
  if (!data.items.length) return <p className="hint">{say("none")}</p>;
  return (
    <div className="sideways" tabIndex={0} role="region" aria-label={say("sales_months")}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say("month")}</th>
            <th scope="col" className="number">{say("invoiced")}</th>
            <th scope="col" className="number">{say("declared")}</th>
            <th scope="col" className="number">{say("received")}</th>
          </tr>
        </thead>
        <tbody>
          {[...data.items].reverse().map((month) => (
            <tr key={month.month}>
              <th scope="row">{month.month}</th>
              <Figure figure={month.invoiced} place={place} otherwise={worked("sold", { enterprise: id, months: month.month.slice(0, 7) })} />
              <Figure figure={month.declared} place={place} />
              <Figure figure={month.received} place={place} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LoanList({ data }: { data: Schema<"Loans"> }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  if (!data.items.length) return <p className="hint">{say("none")}</p>;
  return (
    <ul className="stands">
      {data.items.map((loan) => (
        <li key={loan.id}>
          {loan.starts_on} – {loan.ends_on} ·{" "}
          <Traced proof={{ of: "decision", decision: loan.decision }}>
            {money(loan.amount_fen, lang, unit)} {unitName(lang, unit)} · {rate(loan.rate)}
          </Traced>{" "}
          · {loan.method_text} <span className="tag">{loan.state_text}</span>
        </li>
      ))}
    </ul>
  );
}

/** What happened to this firm since the last published snapshot, of the lists that name it. */
function changesOf(data: Schema<"Changes">, id: string): string[] {
  return data.alerts.items.filter(({ enterprise }) => enterprise.id === id).map(({ text }) => text);
}

/** Who looked at it and did what, newest first, a page at a time. */
function Events({ id }: { id: string }) {
  const say = useSay(own);
  const { can } = useSession();
  return can("audit:read") ? <EventList id={id} /> : <Quiet what={say("events")} />;
}

function EventList({ id }: { id: string }) {
  const say = useSay(own);
  const { data, failure, again, more, moreState } = usePages<Schema<"AuditEntry">>((cursor) => get("/v1/audit", { query: { subject: id, newest: true, limit: READS, cursor } }).url);
  const runs = runsOf(data?.items ?? []);
  return (
    <section className="box events">
      <h2>{say("events")}</h2>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading />}
      {data && (
        <ul className="stands">
          {runs.map((run) => (
            <li key={run.at + run.by + run.action_text}>
              <span className="nowrap">{inBeijing(run.at)}</span> · {run.by || MISSING} · {run.action_text} {run.times > 1 && <small>{say("times", { n: count(run.times) })}</small>}
            </li>
          ))}
          {!runs.length && <li className="hint">{say("none")}</li>}
        </ul>
      )}
      {more && (
        <Button isDisabled={moreState === "busy"} onPress={more}>
          {say("events_more")}
        </Button>
      )}
    </section>
  );
}

export function History({ one, place }: SheetProps) {
  const say = useSay(own);
  const path = { enterprise: one.id };
  return (
    <div className="stacked">
      <div className="two">
        <Decisions one={one} place={place} />
        <Applications one={one} place={place} />
      </div>
      <div className="two">
        <Block title={say("loans")} scope="portfolios:read" question={get("/v1/loans", { query: { enterprise: one.id } })}>
          {(data) => <LoanList data={data} />}
        </Block>
        <Block title={say("changes")} scope="graph:read" question={get("/v1/changes")}>
          {(data) => {
            const mine = changesOf(data, one.id);
            return (
              <>
                <p className="hint">{data.text}</p>
                <ul className="stands">
                  {mine.map((text) => (
                    <li key={text}>{text}</li>
                  ))}
                  {!mine.length && <li className="hint">{say("none")}</li>}
                </ul>
              </>
            );
          }}
        </Block>
      </div>
      <Block title={say("sales_months")} scope="graph:read" question={get("/v1/enterprises/{enterprise}/sales", { path })}>
        {(data) => <SalesByMonth data={data} id={one.id} place={place} />}
      </Block>
      <div className="two">
        <Notes one={one} place={place} />
        <Events id={one.id} />
      </div>
    </div>
  );
}
