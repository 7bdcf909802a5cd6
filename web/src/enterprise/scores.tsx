// What the firm means to its chain: each figure with its sentence, and how its segments are doing.
import type { Schema } from "../asking.ts";
import { count, percent, sentence } from "../format.ts";
import { Empty } from "../parts/states.tsx";
import { Traced, type Proof } from "../parts/traced.tsx";
import { useSay } from "../say.ts";
import { useFeature } from "./block.tsx";
import type { Profile } from "./enterprise.tsx";
import { own } from "./words.ts";

/** Scores that are features as well, and so have a lineage. */
const FEATURES = new Set(["share_of_customers", "sole_customers", "substitutes", "segment_share"]);

function written(value: number, unit: Schema<"Score">["unit"]): string {
  if (unit === "share") return percent(value, 1);
  return unit === "count" ? count(value) : String(Number(value.toPrecision(3)));
}

export function Scores({ data, one }: { data: Schema<"EnterpriseScores">; one: Profile }) {
  const say = useSay(own);
  const of = useFeature(one.id);
  if (!data.items.length) return <Empty>{say("scores_none")}</Empty>;
  const proof = (score: Schema<"Score">): Proof | null => {
    if (FEATURES.has(score.name)) return of(score.name);
    return score.partner ? { of: "link", enterprise: one.id, partner: score.partner.id, side: "customers" } : null;
  };
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
            <span className="hint">{score.text}</span>
          </li>
        ))}
      </ul>
      {data.momentum.length > 0 && (
        <>
          <h3>{say("momentum")}</h3>
          {data.momentum.map((one) => (
            <p key={`${one.chain.id} ${one.segment.id}`}>{one.text}</p>
          ))}
        </>
      )}
    </>
  );
}
