// What narrows the picture, and what groups it.
import { useState } from "react";
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { sentence } from "../format.ts";
import { Button, Checkbox, Select, TextField } from "../parts/form.tsx";
import { Drop } from "../parts/overlay.tsx";
import { useLabel, useSay } from "../say.ts";
import type { Explorer } from "./explorer.ts";
import { type Called, groupsIn } from "./sift.ts";
import { BASES, EMPTY, GROUPS, KINDS, narrowed, type Node } from "./view.ts";
import { own } from "./words.ts";

const WAN = 1_000_000; // fen in 10,000 yuan

/** Regions of the nodes there are, by province. */
function provinces(nodes: readonly Node[]): string[] {
  return [...new Set(nodes.flatMap((node) => (node.region ? [node.region.slice(0, 2)] : [])))].sort();
}

export function Filters({ explorer }: { explorer: Explorer }) {
  const say = useSay(own);
  const label = useLabel();
  const { view, change } = explorer;
  const nodes = explorer.piece?.nodes ?? [];
  const chains = useAsked(get("/v1/chains"));
  const inside = new Set(nodes.map(({ chain }) => chain));
  const n = narrowed(view);
  const any = { value: "", label: say("all") };
  const clear = (): void => change((now) => ({ ...now, kinds: EMPTY.kinds, basis: EMPTY.basis, least: 0, since: null, until: null, chain: null, region: null }));
  return (
    <Drop label={n ? say("filters_n", { n }) : say("filters")}>
      <div className="filters">
        <fieldset>
          <legend>{say("kinds")}</legend>
          <div className="checks">
            {KINDS.map((kind) => (
              <Checkbox key={kind} isSelected={view.kinds.includes(kind)} onChange={(on) => change((now) => ({ ...now, kinds: KINDS.filter((one) => (one === kind ? on : now.kinds.includes(one))) }))}>
                {say(kind)}
              </Checkbox>
            ))}
          </div>
        </fieldset>
        <Select label={say("basis")} value={view.basis} onChange={(basis) => change((now) => ({ ...now, basis }))} choices={BASES.map((value) => ({ value, label: say(value) }))} />
        <Least key={view.least} explorer={explorer} />
        <Select label={say("chain")} value={view.chain ?? ""} onChange={(chain) => change((now) => ({ ...now, chain: chain || null }))} choices={[any, ...(chains.data?.items ?? []).filter(({ id }) => inside.has(id)).map(({ id, name }) => ({ value: id, label: sentence(name) }))]} />
        <Select label={say("region")} value={view.region ?? ""} onChange={(region) => change((now) => ({ ...now, region: region || null }))} choices={[any, ...provinces(nodes).map((value) => ({ value, label: label(`province_${value}`) }))]} />
        {n > 0 && (
          <Button onPress={clear}>
            {say("clear")}
          </Button>
        )}
      </div>
    </Drop>
  );
}

/** Typed in units of ten thousand yuan, kept in fen. */
function Least({ explorer }: { explorer: Explorer }) {
  const say = useSay(own);
  const { least } = explorer.view;
  const [text, setText] = useState(least ? String(least / WAN) : "");
  const value = text.trim() === "" ? 0 : Number(text);
  const fits = Number.isFinite(value) && value >= 0;
  const set = (): void => {
    const fen = Math.round(value * WAN);
    if (fits && fen !== least) explorer.change((now) => ({ ...now, least: fen }));
  };
  return <TextField label={say("least")} value={text} onChange={setText} onBlur={set} onKeyDown={(event) => event.key === "Enter" && set()} inputMode="decimal" isInvalid={!fits} />;
}

export function Grouping({ explorer, called }: { explorer: Explorer; called: Called }) {
  const say = useSay(own);
  const { view, change } = explorer;
  const groups = groupsIn(explorer.piece?.nodes ?? [], view.group);
  return (
    <Drop label={view.group === "none" ? say("group") : `${say("group")} · ${say(view.group)}`}>
      <div className="filters">
        <Select label={say("group")} value={view.group} onChange={(group) => change((now) => ({ ...now, group, folded: [] }))} choices={GROUPS.map((value) => ({ value, label: say(value) }))} />
        {groups.length > 0 && (
          <>
            <div className="deeds">
              <Button onPress={() => change((now) => ({ ...now, folded: groups.map(({ key }) => key) }))}>{say("fold_all")}</Button>
              <Button onPress={() => change((now) => ({ ...now, folded: [] }))}>{say("open_all")}</Button>
            </div>
            <fieldset>
              <legend>{say("fold")}</legend>
              <div className="checks long">
                {groups.map(({ key, name, count }) => (
                  <Checkbox key={key} isSelected={view.folded.includes(key)} onChange={(on) => change((now) => ({ ...now, folded: on ? [...now.folded, key] : now.folded.filter((one) => one !== key) }))}>
                    {called(view.group, key, name)} <span className="hint">{count}</span>
                  </Checkbox>
                ))}
              </div>
            </fieldset>
          </>
        )}
      </div>
    </Drop>
  );
}
