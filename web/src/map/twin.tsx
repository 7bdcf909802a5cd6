// The table twin of the map: the same counts and flows for keyboard, screen reader and paper.
import { useState } from "react";
import { count, depth, MISSING, money, unitName } from "../format.ts";
import { Link } from "../parts/link.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { keyOf, type Picture } from "./layout.ts";
import { dimmed } from "./legend.tsx";
import type { ChainMap, Paint } from "./paint.ts";
import { cellPlace } from "./picture.tsx";
import type { View } from "./view.ts";
import { own } from "./words.ts";

const FLOWS_AT_FIRST = 30;

/** The same cells in the same colour; under each count what the colour says of it. */
export function MapTable({ map, picture, paint, place, view }: { map: ChainMap; picture: Picture; paint: Paint; place: Place; view: View }) {
  const { t, lang, unit } = useSettings();
  const say = useSay(own);
  const away = dimmed(paint, view);
  const plain = view.color === "count" && !view.before;
  const cells = new Map(map.cells.map((cell) => [keyOf(cell), cell]));
  const sumOf = (pick: (cell: ChainMap["cells"][number]) => boolean): number => map.cells.reduce((sum, cell) => (pick(cell) ? sum + cell.enterprises : sum), 0);
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label={t("table")}>
      <table className="twin">
        <caption>
          {t("axis")}
          {!plain && ` · ${say("twin_under", { name: paint.name })}`}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t("segment")}</th>
            {picture.columns.map((column) => (
              <th scope="col" className="number" key={column.depth}>
                <span className="unseen">{t("depth")} </span>
                {depth(column.depth, 0)}
              </th>
            ))}
            <th scope="col" className="number">
              {t("sum")}
            </th>
            <th scope="col" className="number">
              {t("amount", { unit: unitName(lang, unit) })}
            </th>
          </tr>
        </thead>
        <tbody>
          {picture.lanes.map(({ segment, enterprises }) => (
            <tr key={segment.id}>
              <th scope="row">
                {segment.name}
                {segment.end && <span className="star"> ◆</span>}
              </th>
              {picture.columns.map((column) => {
                const key = keyOf({ segment: segment.id, depth: column.depth });
                const cell = cells.get(key);
                const mark = paint.marks.get(key);
                const tone = cell && paint.entries[mark?.entry ?? 0]?.tone;
                return (
                  <td className={`number${tone ? ` ${tone}` : ""}${away.has(key) ? " away" : ""}${view.cells.includes(key) ? " picked" : ""}`} key={column.depth}>
                    {cell && (
                      <Link to={cellPlace(place, segment.id, column.depth)} data-count={cell.enterprises} title={mark?.told || undefined} aria-label={`${t("cell", { segment: segment.name, depth: depth(column.depth, 0) })}: ${count(cell.enterprises)}${mark?.told ? `, ${mark.told}` : ""}`}>
                        {count(cell.enterprises)}
                      </Link>
                    )}
                    {cell && !plain && <span className="under">{mark?.short}</span>}
                  </td>
                );
              })}
              <td className="number">{count(enterprises)}</td>
              <td className="number">{money(map.cells.reduce((sum, cell) => (cell.segment === segment.id ? sum + cell.amount_fen : sum), 0), lang, unit)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t("sum")}</th>
            {picture.columns.map((column) => (
              <td className="number" key={column.depth}>
                {count(sumOf((cell) => cell.depth === column.depth))}
              </td>
            ))}
            <td className="number">{count(sumOf(() => true))}</td>
            <td className="number">{money(map.cells.reduce((sum, cell) => sum + cell.amount_fen, 0), lang, unit)}</td>
          </tr>
        </tfoot>
      </table>
      <FlowTable map={map} compared={view.before !== undefined} />
    </div>
  );
}

function FlowTable({ map, compared }: { map: ChainMap; compared: boolean }) {
  const { t, lang, unit } = useSettings();
  const say = useSay(own);
  const [all, setAll] = useState(false);
  const names = new Map(map.segments.map((segment) => [segment.id, segment.name]));
  const told = (segment: string, at: number): string => `${names.get(segment) ?? MISSING} · ${depth(at, 0)}`;
  const flows = [...map.flows].sort((a, b) => b.amount_fen - a.amount_fen || keyOf(a.from).localeCompare(keyOf(b.from)) || keyOf(a.to).localeCompare(keyOf(b.to)));
  if (!flows.length) return null;
  const shown = all ? flows : flows.slice(0, FLOWS_AT_FIRST);
  return (
    <>
      <table className="twin flows">
        <caption>{compared ? say("flows_changed") : t("flows")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("flow_from")}</th>
            <th scope="col">{t("flow_to")}</th>
            <th scope="col" className="number">
              {t("links")}
            </th>
            <th scope="col" className="number">
              {t("amount", { unit: unitName(lang, unit) })}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((flow) => (
            <tr key={`${keyOf(flow.from)} ${keyOf(flow.to)}`}>
              <td>{told(flow.from.segment, flow.from.depth)}</td>
              <td>{told(flow.to.segment, flow.to.depth)}</td>
              <td className="number">{count(flow.links)}</td>
              <td className="number">{money(flow.amount_fen, lang, unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < flows.length && (
        <p className="more">
          <span>{t("shown", { n: shown.length, total: flows.length })}</span>
          <button type="button" onClick={() => setAll(true)}>
            {t("show_all", { n: flows.length })}
          </button>
        </p>
      )}
    </>
  );
}
