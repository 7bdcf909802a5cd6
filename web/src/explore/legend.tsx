// What colours, shapes, marks, sizes and dashed lines mean; only what is in the picture.
import { useSay } from "../say.ts";
import { LINK_TOKEN, NODE_TOKEN, nodeToken } from "./picture.ts";
import { outline, shapeOf } from "./shapes.ts";
import type { Sifted } from "./sift.ts";
import { KINDS } from "./view.ts";
import { own } from "./words.ts";

const MARKS = [
  ["enterprise", "enterprise", ""],
  ["core", "core", "★ "],
  ["hub", "hub", "◎ "],
  ["person", "people", ""],
  ["account", "shared", ""],
  ["other", "other", ""],
  ["group", "group_node", "▣ "],
] as const;

export function Legend({ sifted }: { sifted: Sifted }) {
  const say = useSay(own);
  const nodes = new Set(sifted.nodes.map(nodeToken));
  const kinds = new Set(sifted.lines.map(({ kind }) => kind));
  const inferred = sifted.lines.some(({ basis }) => basis === "inferred");
  return (
    <ul className="legendbox" aria-label={say("legend")}>
        {MARKS.filter(([kind]) => nodes.has(NODE_TOKEN[kind])).map(([kind, word, mark]) => (
          <li key={kind}>
            <svg className="glyph" viewBox="0 0 12 12" aria-hidden="true">
              <path d={outline(shapeOf({ kind: kind === "core" || kind === "hub" ? "enterprise" : kind, core: kind === "core", hub: kind === "hub" }), 6, 6, 5.5)} fill={`var(--${NODE_TOKEN[kind]})`} />
            </svg>
            {mark}
            {say(word)}
          </li>
        ))}
        {KINDS.filter((kind) => kinds.has(kind)).map((kind) => (
          <li key={kind}>
            <i className={`stroke t-${LINK_TOKEN[kind]}`} /> {say(kind)}
          </li>
        ))}
        {inferred && (
          <li>
            <i className="stroke unsure t-band" /> {say("inferred_link")}
          </li>
        )}
        <li className="hint">{say("larger")}</li>
    </ul>
  );
}
