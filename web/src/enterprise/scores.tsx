// What the firm means to its chain: each figure with its sentence, and how its segments are doing.
import type { Schema } from "../asking.ts";
import { count, percent, sentence } from "../format.ts";
import { Empty } from "../parts/states.tsx";
import { type Proof, Traced, worked } from "../parts/traced.tsx";
import { useSay } from "../say.ts";
import type { Profile } from "./enterprise.tsx";
import { own } from "./words.ts";

function written(value: number, unit: Schema<"Score">["unit"]): string {
  if (unit === "share") return percent(value, 1);
  return unit === "count" ? count(value) : String(Number(value.toPrecision(3)));
}

export function Scores({ data, one }: { data: Schema<"EnterpriseScores">; one: Profile }) {
  const say = useSay(own);
  if (!data.items.length) return <Empty>{say("scores_none")}</Empty>;
  const proof = (score: Schema<"Score">): Proof => worked("score", { enterprise: one.id, name: score.name, chain: score.chain?.id, segment: score.segment?.id });
  return (
    <>
      <ul className="scorelist">
        {data.items.map((score) => (
          <li key={`${score.name} ${score.chain?.id ?? ""} ${score.segment?.id ?? ""}`}>
            <span className="name">
              {score.label}
              {score.chain && <small> {sentence(score.chain.name)}</small>}
            </span>
            <span className="number">
              {score.value !== null ? <Traced proof={proof(score)}>{written(score.value, score.unit)}</Traced> : score.at_least !== null ? <Traced proof={proof(score)}>{say("at_least", { n: written(score.at_least, score.unit) })}</Traced> : <small>{say("not_shown")}</small>}
            </span>
            <span className="hint">
              <Traced proof={proof(score)}>{score.text}</Traced>
            </span>
          </li>
        ))}
      </ul>
      {data.momentum.length > 0 && (
        <>
          <h3>{say("momentum")}</h3>
          {data.momentum.map((one_) => (
            <p key={`${one_.chain.id} ${one_.segment.id}`}>
              <Traced proof={worked("momentum", { chain: one_.chain.id, segment: one_.segment.id })}>{one_.text}</Traced>
            </p>
          ))}
        </>
      )}
    </>
  );
}
