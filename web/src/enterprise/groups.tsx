// Groups by control, circles of guarantees, dependence: who is in them and by which tie.
import type { Schema } from "../asking.ts";
import { count, percent } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty } from "../parts/states.tsx";
import { type Proof, Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useFeature } from "./block.tsx";
import type { Profile } from "./enterprise.tsx";
import { Firm, useSum } from "./overview.tsx";
import { own } from "./words.ts";

/** Kind of group → the feature whose papers it rests on. */
const GROWN_FROM: Readonly<Record<string, string>> = { guarantee_circle: "guarantee_circle", dependent: "depends_on_buyer" };

/** The invoices that a tie of dependence rests on: for its receipts it is the seller, for its spending the buyer. */
function dealings(member: Schema<"Named">, tie: Schema<"Tie">): Proof | null {
  if (!tie.to) return null;
  return { of: "link", enterprise: member.id, partner: tie.to.id, side: tie.tie === "DEPENDS_PURCHASES" ? "suppliers" : "customers" };
}

/** `otherwise`: what its figures open where no single paper is named. */
function Tie({ tie, place, otherwise }: { tie: Schema<"Tie">; place: Place; otherwise: Proof | null }) {
  const sum = useSum();
  const [paper] = tie.papers;
  const figures = [tie.share !== null && percent(tie.share, 1), tie.amount_fen !== null && sum(tie.amount_fen)].filter(Boolean).join(" · ");
  return (
    <span className="hint">
      {" "}
      {tie.text} {tie.to && (tie.to_is_person ? <Printed>{tie.to.name}</Printed> : <Firm firm={tie.to} place={place} />)}{" "}
      {paper && figures ? (
        <Link className="traced" to={{ page: "document", id: paper.id, more: paper.row ? { row: String(paper.row) } : undefined, lang: place.lang }}>
          {figures}
        </Link>
      ) : (
        <Traced proof={figures ? otherwise : null}>{figures}</Traced>
      )}
      {tie.papers.map((paper, at) => (
        <Link key={paper.id} to={{ page: "document", id: paper.id, more: paper.row ? { row: String(paper.row) } : undefined, lang: place.lang }} aria-label={paper.name}>
          {" "}
          [{at + 1}]
        </Link>
      ))}
    </span>
  );
}

function Group({ group, one, place }: { group: Schema<"Group">; one: Profile; place: Place }) {
  const proof = useFeature(one.id)(GROWN_FROM[group.kind] ?? "group_size");
  const say = useSay(own);
  const sum = useSum();
  return (
    <details>
      <summary>
        {group.kind_text}
        {group.form_text && ` · ${group.form_text}`} · {say("group_size", { n: count(group.size) })}
      </summary>
      {group.amount_fen !== null && (
        <p>
          <Traced proof={proof}>{sum(group.amount_fen)}</Traced>
        </p>
      )}
      <ul className="stands">
        {group.members.map((member) => (
          <li key={member.id}>
            <Firm firm={member} place={place} />
            {member.ties.map((tie, at) => (
              <Tie key={at} tie={tie} place={place} otherwise={group.kind === "dependent" ? dealings(member, tie) : proof} />
            ))}
          </li>
        ))}
      </ul>
      {group.note && <p className="hint">{group.note}</p>}
    </details>
  );
}

export function Groups({ data, one, place }: { data: Schema<"EnterpriseGroups">; one: Profile; place: Place }) {
  const say = useSay(own);
  if (!data.items.length && !data.dependence.length) return <Empty>{say("groups_none")}</Empty>;
  return (
    <>
      {data.items.map((group) => (
        <Group key={group.id} group={group} one={one} place={place} />
      ))}
      {data.note && <p className="hint cut">{data.note}</p>}
      {data.dependence.length > 0 && (
        <>
          <h3>{say("depends")}</h3>
          <ul className="stands">
            {data.dependence.map((on) => (
              <li key={on.side}>
                <Firm firm={on.partner} place={place} />{" "}
                <span className="hint">
                  <Traced proof={{ of: "link", enterprise: one.id, partner: on.partner.id, side: on.side === "sale" ? "customers" : "suppliers" }}>{on.text}</Traced>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
