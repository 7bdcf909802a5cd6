// Several chosen firms: how they hang together over the kinds switched on, and whom they have in common.
import { useState } from "react";
import { Failure } from "../api.ts";
import { asked, post, type Schema } from "../asking.ts";
import { count, money, unitName } from "../format.ts";
import { Button, Checkbox, Select } from "../parts/form.tsx";
import { Printed } from "../parts/printed.tsx";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { PathDeed } from "./paths.tsx";
import { type Kind, KINDS, type Node } from "./view.ts";
import { own } from "./words.ts";

interface Props {
  nodes: readonly Node[];
  onFound: (ids: string[]) => void;
}

const STEPS = ["1", "2", "3", "4", "5", "6"] as const;

/** Asks, and tells what went wrong. */
function useQuestion<T>(onFound: (found: T) => void): { busy: boolean; found: T | null; wrong: string | null; ask: (answer: Promise<T>) => void } {
  const [state, setState] = useState<{ busy: boolean; found: T | null; wrong: string | null }>({ busy: false, found: null, wrong: null });
  const ask = (answer: Promise<T>): void => {
    setState({ busy: true, found: null, wrong: null });
    answer.then(
      (found) => {
        setState({ busy: false, found, wrong: null });
        onFound(found);
      },
      (error: unknown) => setState({ busy: false, found: null, wrong: error instanceof Failure ? error.detail : String(error) }),
    );
  };
  return { ...state, ask };
}

export function Relate({ nodes, onFound }: Props) {
  const say = useSay(own);
  const { lang } = useSettings();
  const [kinds, setKinds] = useState<readonly Kind[]>(KINDS.filter((kind) => kind !== "other"));
  const [longest, setLongest] = useState<(typeof STEPS)[number]>("4");
  const [hubs, setHubs] = useState(false);
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const { busy, found, wrong, ask } = useQuestion<Schema<"Relations">>((answer) => onFound(answer.nodes.map(({ id }) => id)));
  const nameOf = (id: string): string => names.get(id) ?? found?.nodes.find((node) => node.id === id)?.name ?? id;
  return (
    <section>
      <h3>{say("relate")}</h3>
      <p className="hint">{say("relate_hint")}</p>
      <div className="checks">
        {KINDS.map((kind) => (
          <Checkbox key={kind} isSelected={kinds.includes(kind)} onChange={(on) => setKinds(KINDS.filter((one) => (one === kind ? on : kinds.includes(one))))}>
            {say(kind)}
          </Checkbox>
        ))}
        <Checkbox isSelected={hubs} onChange={setHubs}>
          {say("through_hubs")}
        </Checkbox>
      </div>
      <div className="deeds">
        <Select label={say("longest")} value={longest} onChange={setLongest} choices={STEPS.map((value) => ({ value, label: value }))} />
        <Button kind="main" isDisabled={busy || !kinds.length} onPress={() => ask(asked(post("/v1/graph/relations", { body: { enterprises: nodes.map(({ id }) => id), kinds: [...kinds], longest: Number(longest), hubs } }), lang))}>
          {say("find")}
        </Button>
      </div>
      {wrong && <p className="wrong">{wrong}</p>}
      {found && (
        <div role="status">
        <ul className="found">
          {found.pairs.map((pair) => (
            <li key={`${pair.from}${pair.to}`}>
              {pair.text}
              <ul>
                {pair.ways.map((way) => (
                  <li key={way.nodes.join() + way.kinds.join()} className="hint">
                    {way.kinds.map((kind) => say(kind)).join(" + ")} · {way.nodes.map(nameOf).join(" – ")}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
        </div>
      )}
    </section>
  );
}

export function Common({ nodes, onFound }: Props) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const [side, setSide] = useState<"suppliers" | "customers">("suppliers");
  const { busy, found, wrong, ask } = useQuestion<Schema<"CommonPartners">>((answer) => onFound(answer.nodes.map(({ id }) => id)));
  const press = (next: "suppliers" | "customers"): void => {
    setSide(next);
    ask(asked(post("/v1/graph/common", { body: { enterprises: nodes.map(({ id }) => id), side: next } }), lang));
  };
  const what = say(side === "suppliers" ? "common_suppliers" : "common_customers");
  return (
    <section>
      <div className="deeds">
        <Button isDisabled={busy} onPress={() => press("suppliers")}>
          {say("common_suppliers")}
        </Button>
        <Button isDisabled={busy} onPress={() => press("customers")}>
          {say("common_customers")}
        </Button>
      </div>
      {wrong && <p className="wrong">{wrong}</p>}
      {found && (
        <div className="found" role="status">
          <p className="hint">
            {found.total ? `${what} · ${found.note}` : say("common_none", { what })}
            {found.hubs_left_out > 0 && ` · ${say("hubs_out", { n: found.hubs_left_out })}`}
          </p>
          <ul>
            {found.items.map((one) => (
              <li key={one.enterprise}>
                <Printed>{found.nodes.find(({ id }) => id === one.enterprise)?.name}</Printed>{" "}
                <span className="hint">
                  {say("shared_by", { n: count(one.shared) })} · {money(one.amount_fen, lang, unit)} {unitName(lang, unit)}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

export function Between({ nodes, onFound }: Props) {
  const [from, to] = nodes;
  if (!from || !to || nodes.length !== 2 || from.kind !== "enterprise" || to.kind !== "enterprise") return null;
  return (
    <section>
      <PathDeed key={`${from.id}${to.id}`} from={from} to={to} onFound={onFound} />
    </section>
  );
}
