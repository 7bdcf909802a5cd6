// Everything above the picture: search, layout, undo, filters, groups, questions, views, files.
import type { RefObject } from "react";
import { ChoiceGroup } from "../parts/choice.tsx";
import { Button } from "../parts/form.tsx";
import { go, type Place } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import type { Drawing } from "./draw.ts";
import { type Explorer, here } from "./explorer.ts";
import { Files } from "./files.tsx";
import { Filters, Grouping } from "./filters.tsx";
import { FirmBox } from "./firm.tsx";
import { useSession } from "../session.ts";
import { Views } from "./saved.tsx";
import type { Called, Sifted } from "./sift.ts";
import { LAYOUTS } from "./view.ts";
import { own } from "./words.ts";

export function Toolbar({ explorer, place, sifted, drawing, called, onAdd, onAsk, onTold }: { explorer: Explorer; place: Place; sifted: Sifted | null; drawing: RefObject<Drawing | null>; called: Called; onAdd: (id: string) => void; onAsk: () => void; onTold: (text: string) => void }) {
  const say = useSay(own);
  const { may } = useSession();
  const { t } = useSettings();
  const { view, change, undo, redo, piece } = explorer;
  return (
    <div className="explorebar">
      <FirmBox label={say("add")} onPick={({ id }) => onAdd(id)} />
      {may("list_queries") && <Button onPress={onAsk}>{say("ask")}</Button>}
      <span className="pair">
        <Button aria-label={say("undo")} isDisabled={!undo} onPress={() => undo?.()}>
          ↶
        </Button>
        <Button aria-label={say("redo")} isDisabled={!redo} onPress={() => redo?.()}>
          ↷
        </Button>
      </span>
      <ChoiceGroup name={say("layout")} value={view.layout} onChange={(layout) => change((now) => ({ ...now, layout, pins: {} }))} choices={LAYOUTS.map((value) => ({ value, label: say(value) }))} />
      <ChoiceGroup
        name={t("view")}
        value={place.view ?? "picture"}
        onChange={(next) => go({ ...here(), view: next === "table" ? "table" : undefined }, true)}
        choices={[
          { value: "picture", label: say("as_picture") },
          { value: "table", label: say("as_table") },
        ]}
      />
      <Filters explorer={explorer} />
      <Grouping explorer={explorer} called={called} />
      <span className="grow" />
      <Views explorer={explorer} place={place} />
      {sifted && piece && sifted.nodes.length > 0 && <Files sifted={sifted} piece={piece} drawing={drawing} onTold={onTold} />}
    </div>
  );
}
