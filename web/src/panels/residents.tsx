// The enterprises of one cell, those of the chain without a segment, or those of no chain at all, page by page.
import { type Resident, where } from "../api.ts";
import { usePages } from "../answer.ts";
import { count, depth, MISSING, money, unitName } from "../format.ts";
import { PanelHeading } from "../parts/heading.tsx";
import { Link } from "../parts/link.tsx";
import { Printed } from "../parts/printed.tsx";
import { Empty, Failed, Loading, More } from "../parts/states.tsx";
import { Books } from "../parts/tag.tsx";
import type { Place } from "../route.ts";
import { type Settings, useSettings } from "../settings.ts";

/** A level in words: 一级 / level 1, negative ones downstream, 0 the core itself. */
export function levelText(level: number | null, { t, lang }: Pick<Settings, "t" | "lang">): string {
  if (level === null) return MISSING;
  if (level === 0) return t("level_core");
  const n = Math.abs(level);
  const told = lang === "zh" && n <= 10 ? ("一二三四五六七八九十"[n - 1] ?? String(n)) : String(n);
  return t(level > 0 ? "level_n" : "level_down", { n: told });
}

function Row({ one, place }: { one: Resident; place: Place }) {
  const settings = useSettings();
  const { lang, unit } = settings;
  return (
    <tr>
      <td>
        <Link className="main" to={{ ...place, enterprise: one.id, partner: undefined }}>
          <Printed>{one.name}</Printed>
        </Link>
        <div className="hint">
          {one.code} <Books own={one.own_books} />
        </div>
      </td>
      {place.chain !== undefined && (
        <>
          <td className="number">{levelText(one.level, settings)}</td>
          <td className="number">{depth(one.depth)}</td>
        </>
      )}
      <td className="number">{money(one.sales_fen, lang, unit)}</td>
    </tr>
  );
}

export function Residents({ place, title }: { place: Place; title: string }) {
  const { t, lang, unit } = useSettings();
  const { data, failure, again, more, moreState } = usePages<Resident>((cursor) => place.chain === undefined ? where.unplaced(cursor) : where.residents(place.chain, { segment: place.segment, depth: place.depth, unplaced: place.unplaced, cursor }));
  return (
    <>
      <PanelHeading>
        {title} {data && <small>{count(data.total)}</small>}
      </PanelHeading>
      {failure && <Failed failure={failure} again={again} />}
      {!data && !failure && <Loading />}
      {data && !data.items.length && <Empty>{t("empty_residents")}</Empty>}
      {data && data.items.length > 0 && (
        <>
          <table className="rows">
            <thead>
              <tr>
                <th scope="col">{t("enterprise")}</th>
                {place.chain !== undefined && (
                  <>
                    <th scope="col" className="number">
                      {t("level")}
                    </th>
                    <th scope="col" className="number">
                      {t("depth")}
                    </th>
                  </>
                )}
                <th scope="col" className="number">
                  {t("sales_unit", { unit: unitName(lang, unit) })}
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((one) => (
                <Row key={one.id} one={one} place={place} />
              ))}
            </tbody>
          </table>
          <More shown={data.items.length} total={data.total} more={more} state={moreState} />
        </>
      )}
    </>
  );
}
