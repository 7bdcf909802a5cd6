// The row of tools over the map: picture or table, colour, flows, time, several cells, files.
import { useState } from "react";
import { Failure } from "../api.ts";
import { addressOf } from "../asking.ts";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Menu } from "../parts/overlay.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { download } from "./files.ts";
import { Times } from "./times.tsx";
import { BANDS, type Color, COLORS, COMPARED, type View } from "./view.ts";
import { own } from "./words.ts";

interface Props {
  place: Place;
  view: View;
  asOf: string;
  /** Which months are counted, in words. */
  told: string;
  several: boolean;
  onSeveral: (on: boolean) => void;
  onPicture: (kind: "svg" | "png") => void;
}

/** Where the server writes what is seen as a file. */
function fileOf(place: Place, view: View, format: string): string {
  const time = view.before ? { before: view.before, after: view.after } : { as_of: view.asOf };
  return addressOf("/v1/chains/{chain}/map/file", { chain: place.chain }, { format, color: view.color, ...time, months: view.months });
}

export function Tools({ place, view, asOf, told, several, onSeveral, onPicture }: Props) {
  const { t, lang } = useSettings();
  const say = useSay(own);
  const [failed, setFailed] = useState<string | null>(null);
  const file = (format: string): void => {
    setFailed(null);
    download(fileOf(place, view, format), lang, `${place.chain}.${format}`).catch((error: unknown) => setFailed(error instanceof Failure && error.detail ? error.detail : say("file_failed")));
  };
  const colors: readonly Color[] = view.before ? COMPARED : COLORS;
  return (
    <div className="tools">
      <ChoiceGroup
        name={t("view")}
        value={place.view ?? "picture"}
        onChange={(next) => go({ ...place, view: next === "table" ? "table" : undefined }, true)}
        choices={[
          { value: "picture", label: t("picture") },
          { value: "table", label: t("table") },
        ]}
      />
      <ChoiceGroup name={say("color")} value={view.color} onChange={(next) => go(withMore(place, { color: next === "count" && !view.before ? null : next, only: null }), true)} choices={colors.map((value) => ({ value, label: say(`color_${value}`) }))} />
      <Times place={place} view={view} asOf={asOf} told={told} />
      {!place.view && (
        <Menu label={say("bands_is", { told: say(`bands_${view.bands}`) })} deeds={BANDS.map((id) => ({ id, label: say(`bands_${id}`), act: () => go(withMore(place, { bands: id === "main" ? null : id }), true) }))} />
      )}
      {!place.view && (
        <button type="button" className="toggle" aria-pressed={several} title={say("several_hint")} onClick={() => onSeveral(!several)}>
          {say("several")}
        </button>
      )}
      <span className="grow" />
      <Menu
        label={say("export")}
        deeds={[
          { id: "svg", label: say("as_svg"), act: () => onPicture("svg") },
          { id: "png", label: say("as_png"), act: () => onPicture("png") },
          { id: "xlsx", label: say("as_xlsx"), act: () => file("xlsx") },
          { id: "csv", label: say("as_csv"), act: () => file("csv") },
        ]}
      />
      {failed && (
        <p className="negative" role="alert">
          {failed}
        </p>
      )}
    </div>
  );
}
