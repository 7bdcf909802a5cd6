// The proof drawer over any page: what the figure that was clicked rests on, down to the place on a paper.
import { useEffect, useRef } from "react";
import { PanelHeading } from "../parts/heading.tsx";
import { Empty } from "../parts/states.tsx";
import { type Proof, proven, readProof } from "../parts/traced.tsx";
import { go, type Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { DecisionProof } from "./decision.tsx";
import { FactProof } from "./fact.tsx";
import { FeatureProof } from "./feature.tsx";
import { LinkProof } from "./link.tsx";
import "./proof.css";
import { WorkedOut } from "./worked.tsx";
import { own } from "./words.ts";

function Body({ proof, place }: { proof: Proof; place: Place }) {
  switch (proof.of) {
    case "feature":
      return <FeatureProof place={place} enterprise={proof.enterprise} name={proof.name} />;
    case "link":
      return <LinkProof place={place} enterprise={proof.enterprise} partner={proof.partner} side={proof.side} />;
    case "fact":
      return <FactProof place={place} fact={proof.fact} />;
    case "facts":
      return (
        <>
          {proof.facts.map((fact) => (
            <FactProof key={fact} place={place} fact={fact} small />
          ))}
        </>
      );
    case "worked":
      return <WorkedOut place={place} what={proof.what} given={proof.given} />;
    case "decision":
      return <DecisionProof place={place} decision={proof.decision} />;
  }
}

export default function Drawer({ place }: { place: Place }) {
  const { t } = useSettings();
  const say = useSay(own);
  const box = useRef<HTMLElement>(null);
  const text = place.more?.["proof"];
  const proof = readProof(text);
  // A promise in newer browsers: an effect must not return it.
  useEffect(() => void box.current?.scrollTo(0, 0), [text]);
  const close = (): void => go(proven(place, null));
  return (
    <aside ref={box} className="proof" aria-label={say("proof")} onKeyDown={(event) => event.key === "Escape" && close()}>
      <div className="panelbar">
        <button type="button" onClick={() => history.back()}>
          ← {say("back")}
        </button>
        <span className="hint">{say("proof")}</span>
        <button type="button" className="icon" aria-label={t("close")} title={t("close")} onClick={close}>
          ✕
        </button>
      </div>
      {proof ? (
        <Body key={text} proof={proof} place={place} />
      ) : (
        <>
          <PanelHeading>{say("proof")}</PanelHeading>
          <Empty>{say("unknown")}</Empty>
        </>
      )}
    </aside>
  );
}
