// Groups by control, circles of guarantees, dependence: who is in them and by which tie.
import type { Schema } from "../asking.ts";
import { count, percent } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty } from "../parts/states.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { Firm, useSum } from "./overview.tsx";
import { own } from "./words.ts";

function Tie({ tie, place }: { tie: Schema<"Tie">; place: Place }) {
  const sum = useSum();
  const figures = [tie.share !== null && percent(tie.share, 1), tie.amount_fen !== null && sum(tie.amount_fen)].filter(Boolean).join(" · ");
  return (
    <span className="hint">
      {" "}
      {tie.text} {tie.to && (tie.to_is_person ? <Printed>{tie.to.name}</Printed> : <Firm firm={tie.to} place={place} />)} {figures}
      {tie.papers.map((paper, at) => (
        <Link key={paper.id} to={{ page: "document", id: paper.id, more: paper.row ? { row: String(paper.row) } : undefined, lang: place.lang }} aria-label={paper.name}>
          {" "}
          [{at + 1}]
        </Link>
      ))}
    </span>
  );
}

function Group({ group, place }: { group: Schema<"Group">; place: Place }) {
  const say = useSay(own);
  const sum = useSum();
  return (
    <details>
      <summary>
        {group.kind_text}
        {group.form_text && ` · ${group.form_text}`} · {say("group_size", { n: count(group.size) })}
        {group.amount_fen !== null && ` · ${sum(group.amount_fen)}`}
      </summary>
      <ul className="stands">
        {group.members.map((member) => (
          <li key={member.id}>
            <Firm firm={member} place={place} />
            {member.ties.map((tie, at) => (
              <Tie key={at} tie={tie} place={place} />
            ))}
          </li>
        ))}
      </ul>
      {group.note && <p className="hint">{group.note}</p>}
    </details>
  );
}

export function Groups({ data, place }: { data: Schema<"EnterpriseGroups">; place: Place }) {
  const say = useSay(own);
  if (!data.items.length && !data.dependence.length) return <Empty>{say("groups_none")}</Empty>;
  return (
    <>
      {data.items.map((group) => (
        <Group key={group.id} group={group} place={place} />
      ))}
      {data.note && <p className="hint">{data.note}</p>}
      {data.dependence.length > 0 && (
        <>
          <h3>{say("depends")}</h3>
          <ul className="stands">
            {data.dependence.map((one) => (
              <li key={one.side}>
                <Firm firm={one.partner} place={place} /> <span className="hint">{one.text}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
