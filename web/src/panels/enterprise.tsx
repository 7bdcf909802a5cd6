// One enterprise: who it is, how complete its books are, where it stands, whom it trades with.
import { useEffect, type ReactNode } from "react";
import { type Enterprise, type Position, where } from "../api.ts";
import { useAnswer } from "../answer.ts";
import { count, depth, MISSING, percent, sentence } from "../format.ts";
import { PanelHeading } from "../parts/heading.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Books, Synthetic, Tag } from "../parts/tag.tsx";
import { go, type Place } from "../route.ts";
import { useSettings } from "../settings.ts";
import { term, type Word } from "../words.ts";
import { BooksOf } from "./books.tsx";
import { Partners } from "./partners.tsx";
import { levelText } from "./residents.tsx";
import { WaysToCore } from "./ways.tsx";

const NEAR = 0.75;

/** Which sentence tells why level and depth of one position differ; the reasons known are those of suppliers. */
export function whyTheyDiffer(position: Pick<Position, "level" | "depth">): Word | null {
  if (position.depth === null || position.level === 0) return null;
  if (position.level === null) return "why_no_level";
  const gap = position.depth - position.level;
  if (Math.abs(gap) <= NEAR) return "why_near";
  if (position.level < 0 || position.depth < 0) return null;
  return gap > 0 ? "why_deeper" : "why_shallower";
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Who({ one }: { one: Enterprise }) {
  const { t, lang } = useSettings();
  const facts: [Word, string | null][] = [
    ["region", one.region],
    ["industry", one.industry],
    ["size", one.size && term(lang, one.size)],
    ["taxpayer", one.taxpayer && term(lang, one.taxpayer)],
    ["legal_form", one.legal_form && term(lang, one.legal_form)],
    ["role", one.role && term(lang, one.role)],
  ];
  return (
    <section>
      <h3>{t("who")}</h3>
      <dl className="facts">
        <Fact name={term(lang, one.scheme)}>
          <code>{one.code ?? "—"}</code>
        </Fact>
        {facts.map(([name, value]) => value && <Fact key={name} name={t(name)}><Printed>{value}</Printed></Fact>)}
        {one.first && one.last && (
          <Fact name={t("active")}>
            {one.first} – {one.last}
          </Fact>
        )}
      </dl>
      {one.members.length > 1 && <Members one={one} />}
    </section>
  );
}

function Members({ one }: { one: Enterprise }) {
  const { t, lang } = useSettings();
  return (
    <details>
      <summary>{t("members", { n: one.members.length })}</summary>
      <ul className="members">
        {one.members.map((member) => (
          <li key={member.party}>
            <Printed>{member.name ?? MISSING}</Printed>{" "}
            <span className="hint">
              {term(lang, member.scheme)} {member.code}
              {member.reason_text && ` · ${member.reason_text}`}
              {member.evidence > 0 && ` · ${t("member_evidence", { n: count(member.evidence) })}`}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Seat({ position, one, place }: { position: Position; one: Enterprise; place: Place }) {
  const settings = useSettings();
  const { t } = settings;
  const why = whyTheyDiffer(position);
  const here = position.chain.id === place.chain;
  return (
    <li className="seat">
      <p className="where">
        {here ? <strong>{sentence(position.chain.name)}</strong> : <Link to={{ page: "map", chain: position.chain.id, enterprise: one.id, lang: place.lang }}>{sentence(position.chain.name)}</Link>}
        {" · "}
        {position.segment ? sentence(position.segment.name) : t("unplaced")}
      </p>
      <dl className="pair">
        <Fact name={t("level")}>
          <b>{sentence(position.level_text ?? (position.level === null ? t("level_none") : levelText(position.level, settings)))}</b>
          <span className="hint">{position.core ? <Printed>{position.core.name}</Printed> : t("core_none_known")}</span>
        </Fact>
        <Fact name={t("depth")}>
          <b>{depth(position.depth)}</b>
          {position.depth_unweighted !== null && (
            <span className="hint">
              {t("unweighted")} {depth(position.depth_unweighted)}
            </span>
          )}
        </Fact>
        <Fact name={t("confidence")}>
          <b>{percent(position.confidence)}</b>
          <span className="hint">
            {t("membership")} {percent(position.membership)}
          </span>
        </Fact>
      </dl>
      {why && <p className="why">{t(why)}</p>}
      {here && position.core && position.level !== null && position.level > 0 && <WaysToCore key={one.id} id={one.id} chain={position.chain.id} place={place} />}
    </li>
  );
}

export function EnterprisePanel({ place, id }: { place: Place; id: string }) {
  const { t } = useSettings();
  const { data, failure, again } = useAnswer<Enterprise>(where.enterprise(id));
  useEffect(() => {
    if (data && data.id !== id) go({ ...place, enterprise: data.id }, true);
  }, [data, id, place]);
  if (failure) return <Failed failure={failure} again={again} />;
  if (!data) return <Loading />;
  return (
    <>
      <PanelHeading>
        <Printed>{data.name}</Printed>
      </PanelHeading>
      <p className="tags">
        <Books own={data.own_books.sales_until !== null || data.own_books.purchases_until !== null} />
        {data.hub && <Tag word="hub" kind="warn" why="hub_why" />}
        {data.synthetic && <Synthetic />}
      </p>
      <section>
        <h3>{t("position")}</h3>
        {data.positions.length ? (
          <>
            {data.positions.some(({ level, depth }) => level !== null && depth !== null) && <p className="hint">{t("why_both")}</p>}
            <ul className="seats">
              {data.positions.map((position) => (
                <Seat key={position.chain.id} position={position} one={data} place={place} />
              ))}
            </ul>
          </>
        ) : (
          <Empty>{t("empty_positions")}</Empty>
        )}
      </section>
      <Partners place={place} one={data} />
      <BooksOf one={data} />
      <Who one={data} />
    </>
  );
}
