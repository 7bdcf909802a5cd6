// The panel beside the page: a cell's enterprises, one enterprise, or the documents behind one link,
// with the way back as crumbs. What it shows is read from the address alone.
import { useEffect, useRef } from "react";
import { type Enterprise, type Found, type IndustryMap, isId, type Listing, where } from "../api.ts";
import { useAnswer } from "../answer.ts";
import { depth as depthText } from "../format.ts";
import { Link } from "../parts/link.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { go, href, type Place } from "../route.ts";
import { useSettings } from "../settings.ts";
import { keptBy } from "../map/view.ts";
import { EnterprisePanel } from "./enterprise.tsx";
import { ProofsPanel } from "./proofs.tsx";
import { Residents } from "./residents.tsx";

function bare(place: Place): Place {
  return { page: place.page, chain: place.chain, view: place.view, lang: place.lang, more: keptBy(place) };
}
function withoutPartner(place: Place): Place {
  return { ...place, partner: undefined };
}
function withoutEnterprise(place: Place): Place {
  return { ...place, enterprise: undefined, partner: undefined, side: undefined };
}

function Crumbs({ place, cell }: { place: Place; cell: string | null }) {
  const { t } = useSettings();
  const { data } = useAnswer<Enterprise>(isId(place.enterprise) ? where.enterprise(place.enterprise) : null);
  return (
    <nav className="crumbs" aria-label={t("path")}>
      {cell !== null && (place.enterprise === undefined ? <span>{cell}</span> : <Link to={withoutEnterprise(place)}>{cell}</Link>)}
      {place.enterprise !== undefined && (place.partner === undefined ? <span>{t("enterprise")}</span> : <Link to={withoutPartner(place)}>{data?.name ?? t("enterprise")}</Link>)}
      {place.partner !== undefined && <span>{t("evidence")}</span>}
    </nav>
  );
}

/** An address may name an enterprise by its credit code: finds it and puts its id there. */
function ByCode({ place, code }: { place: Place; code: string }) {
  const { t } = useSettings();
  const { data, failure, again } = useAnswer<Listing<Found>>(where.search(code));
  const found = data?.items.find((item) => item.code === code);
  useEffect(() => {
    if (found) go({ ...place, enterprise: found.id }, true);
  }, [found, place]);
  if (failure) return <Failed failure={failure} again={again} />;
  return data && !found ? <Empty>{t("search_none", { q: code })}</Empty> : <Loading />;
}

export function Panel({ place, map }: { place: Place; map?: IndustryMap | undefined }) {
  const { t } = useSettings();
  const box = useRef<HTMLElement>(null);
  const inCell = place.segment !== undefined || place.unplaced === true;
  const open = inCell || place.enterprise !== undefined;
  const shown = href({ ...place, side: undefined, view: undefined, lang: undefined });
  useEffect(() => {
    box.current?.scrollTo(0, 0);
  }, [shown]);
  if (!open) return null;

  const segment = map?.segments.find(({ id }) => id === place.segment)?.name ?? place.segment ?? "";
  const cell = place.unplaced ? t("unplaced") : inCell ? (place.depth === undefined ? segment : t("cell", { segment, depth: depthText(place.depth, 0) })) : null;
  const close = (): void => {
    const opened = place.segment !== undefined && place.depth !== undefined ? `${place.segment}@${place.depth}` : null;
    go(bare(place));
    requestAnimationFrame(() => document.querySelector<HTMLElement>(opened === null ? "#content" : `[data-cell="${CSS.escape(opened)}"]`)?.focus());
  };
  return (
    <aside ref={box} className="panel" aria-label={t("details")} onKeyDown={(event) => event.key === "Escape" && close()}>
      <div className="panelbar">
        <Crumbs place={place} cell={cell} />
        <button type="button" className="icon" aria-label={t("close")} title={t("close")} onClick={close}>
          ✕
        </button>
      </div>
      {place.enterprise === undefined && <Residents place={place} title={cell ?? ""} />}
      {place.enterprise !== undefined && !isId(place.enterprise) && <ByCode place={place} code={place.enterprise} />}
      {isId(place.enterprise) && place.partner === undefined && <EnterprisePanel place={place} id={place.enterprise} />}
      {isId(place.enterprise) && place.partner !== undefined && <ProofsPanel place={place} id={place.enterprise} partner={place.partner} />}
    </aside>
  );
}
