// What the page says while a chain has no core enterprise: why levels are missing, and who could be named.
import { useState } from "react";
import type { IndustryMap } from "../api.ts";
import { money, unitName } from "../format.ts";
import type { Place } from "../route.ts";
import { useSettings } from "../settings.ts";
import { Link } from "./link.tsx";
import { Printed } from "./printed.tsx";

function Command({ text }: { text: string }) {
  const { t } = useSettings();
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <span className="command">
      <code>{text}</code>
      <button type="button" onClick={copy}>
        {copied ? t("copied") : t("copy")}
      </button>
    </span>
  );
}

export function NoCore({ map, place }: { map: IndustryMap; place: Place }) {
  const { t, lang, unit } = useSettings();
  const [chosen, setChosen] = useState(0);
  const candidate = map.candidates[chosen] ?? map.candidates[0];
  return (
    <section className="nocore" aria-label={t("core_none_known")}>
      {(map.total > 0 || !candidate) && <p>{t("no_core_title")}</p>}
      {candidate && (
        <>
          <p>{t(map.total > 0 ? "no_core_offer" : "no_core_offer_all")}</p>
          <ol>
            {map.candidates.map((one, at) => (
              <li key={one.id}>
                <input type="radio" name="candidate" checked={one === candidate} aria-label={one.name} onChange={() => setChosen(at)} />
                <Link to={{ page: "map", chain: place.chain, view: place.view, lang: place.lang, enterprise: one.id }}><Printed>{one.name}</Printed></Link>
                <span className="hint">
                  {money(one.amount_fen, lang, unit)} {unitName(lang, unit)}
                </span>
              </li>
            ))}
          </ol>
          <Command text={`dayan core add "${candidate.name}" --chain ${map.chain.id}`} />
        </>
      )}
    </section>
  );
}
