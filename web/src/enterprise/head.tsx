// The head of the page: names, code, how complete its books are, and what the desk may do with it.
import { count, depth, MISSING, money, sentence, unitName } from "../format.ts";
import { AsOf } from "../parts/asof.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Books, Synthetic, Tag } from "../parts/tag.tsx";
import { Tile } from "../parts/tile.tsx";
import { Traced } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { term } from "../words.ts";
import { useFeature } from "./block.tsx";
import { Desk } from "./desk.tsx";
import type { Profile, SheetProps } from "./enterprise.tsx";
import { own } from "./words.ts";

/** Names of its parties other than the one it goes by. */
export function otherNames(one: Pick<Profile, "name" | "members">): string[] {
  return [...new Set(one.members.map(({ name }) => name).filter((name) => name !== null && name !== one.name))] as string[];
}

function Names({ one }: { one: Profile }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const others = otherNames(one);
  if (one.members.length < 2 && !others.length) return null;
  return (
    <details className="merged">
      <summary>{others.length ? say("formerly", { names: others.join("、") }) : say("merged", { n: one.members.length })}</summary>
      <p className="hint">{say("merged", { n: one.members.length })}</p>
      <ul className="stands">
        {one.members.map((member) => (
          <li key={member.party}>
            <Printed>{member.name ?? MISSING}</Printed>{" "}
            <span className="hint">
              {term(lang, member.scheme)} <code>{member.code}</code>
              {member.reason_text && ` · ${member.reason_text}`}
              {member.evidence > 0 && ` · ${say("evidence_n", { n: count(member.evidence) })}`}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Figures({ one, place }: { one: Profile; place: Place }) {
  const say = useSay(own);
  const { t, lang, unit } = useSettings();
  const [seat] = one.positions;
  const sold = one.own_books.sales_until !== null;
  const bought = one.own_books.purchases_until !== null;
  const of = useFeature(one.id);
  return (
    <dl className="tiles figures">
      <Tile name={say("level")}>
        <Traced proof={seat && seat.level !== null ? of("level") : null}>{seat ? sentence(seat.level_text ?? t("level_none")) : t("unplaced")}</Traced>
      </Tile>
      <Tile name={say("depth")}>
        <Traced proof={seat && seat.depth !== null ? of("depth") : null}>{depth(seat?.depth)}</Traced>
      </Tile>
      <Tile name={say("sales_total", { unit: unitName(lang, unit) })}>
        {!sold && <small>{t("at_least")} </small>}
        <Traced proof={of(sold ? "log_sales_total" : "seen_customers")}>{money(one.sales_fen, lang, unit)}</Traced>
      </Tile>
      <Tile name={say("purchases_total", { unit: unitName(lang, unit) })}>
        {!bought && <small>{t("at_least")} </small>}
        <Traced proof={of(bought ? "log_purchases_total" : "seen_suppliers")}>{money(one.purchases_fen, lang, unit)}</Traced>
      </Tile>
      <Tile name={`${t("customers")} / ${t("suppliers")}`}>
        <Traced proof={of("seen_customers")}>{count(one.customers)}</Traced> / <Traced proof={of("seen_suppliers")}>{count(one.suppliers)}</Traced>
      </Tile>
      {seat && (
        <Tile name={say("seat")} wide>
          <Link to={{ page: "map", chain: seat.chain.id, enterprise: one.id, lang: place.lang }}>
            {sentence(seat.chain.name)}
            {seat.segment && ` · ${sentence(seat.segment.name)}`}
          </Link>
        </Tile>
      )}
    </dl>
  );
}

export function Head({ one, place }: SheetProps) {
  const { lang } = useSettings();
  const of = useFeature(one.id);
  /** What papers state of it, by the feature that opens the paper; the role follows from its trade. */
  const stated: [string, string | null][] = [
    ["region_code", one.region],
    ["industry_code", one.industry],
    ["size_class", one.size && term(lang, one.size)],
    ["general_taxpayer", one.taxpayer && term(lang, one.taxpayer)],
    ["is_individual_business", one.legal_form && term(lang, one.legal_form)],
    ["role", one.role && term(lang, one.role)],
  ];
  const said = stated.filter(([, text]) => text);
  return (
    <>
      <div className="heading">
        <h1>
          <Printed>{one.name}</Printed>
        </h1>
        <span className="tags">
          <Books own={one.own_books.sales_until !== null || one.own_books.purchases_until !== null} />
          {one.hub && <Tag word="hub" kind="warn" why="hub_why" />}
          {one.synthetic && <Synthetic />}
        </span>
        <AsOf answer={one} />
      </div>
      <div className="under">
        <p className="hint">
          {term(lang, one.scheme)} <code>{one.code ?? MISSING}</code>
          {said.map(([name, text]) => (
            <span key={name}>
              {" · "}
              <Traced proof={name === "role" ? null : of(name)}>
                <Printed>{text}</Printed>
              </Traced>
            </span>
          ))}
        </p>
        <Desk one={one} place={place} />
      </div>
      <Names one={one} />
      <Figures one={one} place={place} />
    </>
  );
}
