// Two names side by side: who they are on paper, and the score as a table of what was compared.
import type { ReactNode } from "react";
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { MISSING, money, unitName } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Traced, worked } from "../parts/traced.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { term } from "../words.ts";
import { Bar, signed } from "./bar.tsx";
import { differing } from "./differing.ts";
import type { Pair } from "./sitting.ts";
import { own } from "./words.ts";

type Side = Pair["left"];
type Profile = Schema<"EnterpriseProfile">;

/** A name with what sets it apart from the other one in bold. */
function Told({ text, other }: { text: string; other: string }) {
  const [before, apart, after] = differing(text, other);
  if (!apart) return <Printed>{text}</Printed>;
  return (
    <span lang="zh-CN">
      {before}
      <b className="apart">{apart}</b>
      {after}
    </span>
  );
}

function Firm({ side, place, profile }: { side: Side; place: Place; profile: Profile | undefined }) {
  const say = useSay(own);
  if (!side.enterprise) return <span className="hint">{say("no_enterprise")}</span>;
  return (
    <Link to={{ page: "enterprise", id: side.enterprise, lang: place.lang }}>
      <Printed>{profile?.name ?? say("open_enterprise")}</Printed>
    </Link>
  );
}

/** What a side sold or bought as all books show it; the figure opens its papers. */
function Sum({ side, fen, name }: { side: Side; fen: number | undefined; name: string }) {
  const { lang, unit } = useSettings();
  if (!side.enterprise || fen === undefined) return MISSING;
  return <Traced proof={fen === 0 ? null : { of: "feature", enterprise: side.enterprise, name }}>{money(fen, lang, unit)}</Traced>;
}

/** `asked`: whether the published build asks it; else nothing was compared. */
export function PairTable({ pair, place }: { pair: Pair & { asked: boolean }; place: Place }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const { left, right } = pair;
  const one = useAsked(left.enterprise ? get("/v1/enterprises/{enterprise}", { path: { enterprise: left.enterprise } }) : null).data;
  const other = useAsked(right.enterprise ? get("/v1/enterprises/{enterprise}", { path: { enterprise: right.enterprise } }) : null).data;
  const most = Math.max(...pair.features.map(({ gave }) => Math.abs(gave)), 1e-9);
  const unitOf = unitName(lang, unit);
  const days = (of: Profile | undefined): string => (of?.first ? `${of.first} — ${of.last ?? ""}` : MISSING);
  const rows: [string, ReactNode, ReactNode][] = [
    [say("code"), left.code ? <code key="l">{left.code}</code> : say("no_code"), right.code ? <code key="r">{right.code}</code> : say("no_code")],
    [say("party"), <code key="l">{left.party}</code>, <code key="r">{right.party}</code>],
    [say("enterprise"), <Firm key="l" side={left} place={place} profile={one} />, <Firm key="r" side={right} place={place} profile={other} />],
    [say("sold", { unit: unitOf }), <Sum key="l" side={left} fen={one?.sales_fen} name="log_sales_all" />, <Sum key="r" side={right} fen={other?.sales_fen} name="log_sales_all" />],
    [say("bought", { unit: unitOf }), <Sum key="l" side={left} fen={one?.purchases_fen} name="log_purchases_all" />, <Sum key="r" side={right} fen={other?.purchases_fen} name="log_purchases_all" />],
    [say("seen_from"), days(one), days(other)],
    [say("kind"), term(lang, one?.legal_form), term(lang, other?.legal_form)],
  ];
  return (
    <div className="sideways" data-scrolls tabIndex={0} role="region" aria-label={say("pair", { left: left.name, right: right.name })}>
      <table className="plain pairtable">
        <thead>
          <tr>
            <th scope="col">{say("name")}</th>
            <th scope="col" className="who">
              <Told text={left.name} other={right.name} />
            </th>
            <th scope="col" className="who">
              <Told text={right.name} other={left.name} />
            </th>
            <th scope="col" className="number">
              {say("points")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, l, r]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{l}</td>
              <td>{r}</td>
              <td />
            </tr>
          ))}
          {pair.features.map((row, at) => (
            <tr key={`${row.feature} ${at}`} className={at === 0 ? "first" : undefined}>
              <th scope="row">{row.text}</th>
              <td>
                <Printed>{row.left || MISSING}</Printed>
              </td>
              <td>
                <Printed>{row.right || MISSING}</Printed>
              </td>
              <td className="number">
                <Bar value={row.gave} most={most} kind={row.gave < 0 ? "bad" : "good"} /> <Traced proof={worked("pair", { review: pair.id })}>{signed(row.gave)}</Traced>
              </td>
            </tr>
          ))}
          <tr className="sum">
            <th scope="row">{say("total_points")}</th>
            <td />
            <td />
            <td className="number">{pair.asked ? <Traced proof={worked("pair", { review: pair.id })}>{signed(pair.score)}</Traced> : MISSING}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}
