// The overview: where it stands and why, the path of its goods, groups and guarantees, scores, books, notes.
import { get, type Schema } from "../asking.ts";
import { depth, MISSING, money, percent, sentence, unitName } from "../format.ts";
import { BooksOf } from "../panels/books.tsx";
import { whyTheyDiffer } from "../panels/enterprise.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty } from "../parts/states.tsx";
import { type Proof, Traced, worked } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Bars } from "./bars.tsx";
import { Block, useFeature } from "./block.tsx";
import type { SheetProps } from "./enterprise.tsx";
import { Groups } from "./groups.tsx";
import { Notes } from "./notes.tsx";
import { Scores } from "./scores.tsx";
import { Steps } from "./steps.tsx";
import { own } from "./words.ts";

type Standing = Schema<"Standing">;

function Seat({ at, one, place }: { at: Standing; one: SheetProps["one"]; place: Place }) {
  const say = useSay(own);
  const { t } = useSettings();
  const why = whyTheyDiffer(at);
  const unweighted = one.positions.find((position) => position.chain.id === at.chain.id)?.depth_unweighted ?? null;
  const of = useFeature(one.id);
  // Features speak of the chain that the firm belongs to most; figures of other chains have none.
  const traced = one.positions[0]?.chain.id === at.chain.id;
  const seat = worked("seat", { enterprise: one.id, chain: at.chain.id });
  return (
    <li>
      <h3>
        <Link to={{ page: "map", chain: at.chain.id, enterprise: one.id, lang: place.lang }}>{sentence(at.chain.name)}</Link>
        {" · "}
        {at.segment ? sentence(at.segment.name) : t("unplaced")} <span className="tag">{at.basis_text}</span>
      </h3>
      <dl className="seatfigures">
        <div>
          <dt>{say("level")}</dt>
          <dd>
            <Traced proof={(traced && at.level !== null && of("level")) || seat}>{sentence(at.level_text)}</Traced>
            <span className="hint">{at.core ? <Printed>{at.core.name}</Printed> : t("core_none_known")}</span>
          </dd>
        </div>
        <div>
          <dt>{say("depth")}</dt>
          <dd>
            <Traced proof={(traced && at.depth !== null && of("depth")) || seat}>{depth(at.depth)}</Traced>
            {unweighted !== null && (
              <span className="hint">
                {t("unweighted")} <Traced proof={seat}>{depth(unweighted)}</Traced>
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>{say("probability")}</dt>
          <dd>
            <Traced proof={(traced && at.probability !== null && of("position_probability")) || seat}>{percent(at.probability, 1)}</Traced>
            <span className="hint">
              <Traced proof={seat}>{say("chain_probability", { share: percent(at.chain_probability, 1) })}</Traced>
            </span>
          </dd>
        </div>
      </dl>
      {why && <p className="why">{t(why)}</p>}
      {(at.path || at.level !== 0) && <h4>{say(at.path && !at.path.upstream ? "way_from" : "way")}</h4>}
      {at.path ? <Steps hops={at.path.hops} of={sentence(at.chain.name)} place={place} /> : at.level !== 0 && <p className="hint">{say("way_none")}</p>}
    </li>
  );
}

export function Overview({ one, place }: SheetProps) {
  const say = useSay(own);
  const { t } = useSettings();
  const path = { enterprise: one.id };
  const books = useBooks(one);
  return (
    <div className="overview">
      <Block title={say("seat")} scope="graph:read" question={get("/v1/enterprises/{enterprise}/position", { path })}>
        {(data) =>
          data.positions.length ? (
            <>
              <p>
                <Traced proof={worked("seat", { enterprise: one.id })}>{data.text}</Traced>
              </p>
              <ul className="standings">
                {data.positions.map((at) => (
                  <Seat key={at.chain.id} at={at} one={one} place={place} />
                ))}
              </ul>
              {data.positions.some(({ level, depth: far }) => level !== null && far !== null) && <p className="hint">{t("why_both")}</p>}
              {data.signs.length > 0 && (
                <div className="signs">
                  <h4>{say("signs")}</h4>
                  <Bars rows={data.signs.map((sign) => ({ key: sign.sign, name: sign.text, value: sign.gave, text: <Traced proof={worked("seat", { enterprise: one.id })}>{sign.gave.toFixed(1).replace("-", "−")}</Traced> }))} />
                </div>
              )}
            </>
          ) : (
            <Empty>{t("empty_positions")}</Empty>
          )
        }
      </Block>
      <div className="two">
        <div className="stacked">
          <Block title={say("groups")} scope="graph:read" question={get("/v1/enterprises/{enterprise}/groups", { path })}>
            {(data) => <Groups data={data} one={one} place={place} />}
          </Block>
          <section className="box books">
            <BooksOf one={{ ...one, members: [] }} proof={books} />
          </section>
          <Notes one={one} place={place} />
        </div>
        <Block title={say("scores")} scope="graph:read" question={get("/v1/enterprises/{enterprise}/scores", { path })}>
          {(data) => <Scores data={data} one={one} />}
        </Block>
      </div>
    </div>
  );
}

export function Firm({ firm, place }: { firm: Schema<"Named">; place: Place }) {
  return (
    <Link to={{ page: "enterprise", id: firm.id, lang: place.lang }}>
      <Printed>{firm.name}</Printed>
    </Link>
  );
}

/** Where the amounts of a side come from: its own books, or what others' papers show. */
function useBooks(one: SheetProps["one"]): (side: "sales" | "purchases") => Proof | null {
  const of = useFeature(one.id);
  return (side) => of(one.own_books[`${side}_until`] === null ? (side === "sales" ? "seen_customers" : "seen_suppliers") : `log_${side}_total`);
}

/** An amount with its unit, as it stands inside a sentence. */
export function useSum(): (fen: number | null | undefined) => string {
  const { lang, unit } = useSettings();
  return (fen) => (fen === null || fen === undefined ? MISSING : `${money(fen, lang, unit)} ${unitName(lang, unit)}`);
}

