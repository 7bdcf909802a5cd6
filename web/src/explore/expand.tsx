// Expanding a node: partners by side and kind, with the cap told and raised.
import { useState } from "react";
import { Failure } from "../api.ts";
import { asked, post, type Schema } from "../asking.ts";
import { Button } from "../parts/form.tsx";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import type { Kind, Node, View } from "./view.ts";
import { own } from "./words.ts";

type Expanded = Schema<"Expanded">;
const FIRST = 40;
const LAST = 500;

interface Way {
  id: "suppliers" | "customers" | "ownership" | "guarantee" | "person" | "account";
  kind: Kind;
  side: "suppliers" | "customers" | "both";
}
const OF_FIRM: readonly Way[] = [
  { id: "suppliers", kind: "supply", side: "suppliers" },
  { id: "customers", kind: "supply", side: "customers" },
  { id: "ownership", kind: "ownership", side: "both" },
  { id: "guarantee", kind: "guarantee", side: "both" },
  { id: "person", kind: "person", side: "both" },
  { id: "account", kind: "account", side: "both" },
];

/** `onFound` adds what was found to the picture. */
export function Expand({ node, view, onFound }: { node: Node; view: View; onFound: (ids: string[]) => void }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const [told, setTold] = useState<Record<string, { limit: number; all: Expanded[] }>>({});
  const [busy, setBusy] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const expand = (way: Way, limit: number): void => {
    setBusy(way.id);
    setWrong(null);
    const { since, until, basis, least, chain, region } = view;
    const body = { enterprises: [node.id], side: way.side, kinds: [way.kind], limit, since, until, basis, amount_least_fen: least, chain, region };
    asked(post("/v1/graph/expand", { body }), lang).then(
      (piece) => {
        setBusy(null);
        setTold((now) => ({ ...now, [way.id]: { limit, all: piece.expanded } }));
        onFound(piece.nodes.map(({ id }) => id));
      },
      (error: unknown) => {
        setBusy(null);
        setWrong(error instanceof Failure ? error.detail : String(error));
      },
    );
  };
  const ways = node.kind === "enterprise" ? OF_FIRM : OF_FIRM.filter(({ kind }) => kind !== "supply" && kind !== "guarantee");
  return (
    <section>
      <h3>{say("expand")}</h3>
      <div className="deeds">
        {ways.map((way) => (
          <Button key={way.id} isDisabled={busy !== null} onPress={() => expand(way, told[way.id]?.limit ?? FIRST)}>
            {say(way.id)}
            {way.id === "suppliers" && node.suppliers !== null && node.suppliers !== undefined && <small>{node.suppliers}</small>}
            {way.id === "customers" && node.customers !== null && node.customers !== undefined && <small>{node.customers}</small>}
          </Button>
        ))}
      </div>
      <div role="status">
      <ul className="caps">
        {ways.flatMap((way) =>
          (told[way.id]?.all ?? []).map((one) => {
            const limit = told[way.id]?.limit ?? FIRST;
            const name = say(way.id) + (one.basis === "inferred" ? ` · ${say("inferred")}` : "");
            return (
              <li key={`${way.id}${one.side}${one.basis}`}>
                {one.total === 0 ? say("none_there", { name }) : say(one.kind === "supply" ? "more_of" : "more_ties", { name, note: one.note })}{" "}
                {one.shown < one.total && limit < LAST && (
                  <button type="button" disabled={busy !== null} onClick={() => expand(way, Math.min(LAST, limit + FIRST))}>
                    {say("raise", { n: Math.min(FIRST, one.total - one.shown) })}
                  </button>
                )}
              </li>
            );
          }),
        )}
      </ul>
      </div>
      {wrong && <p className="wrong">{wrong}</p>}
    </section>
  );
}
