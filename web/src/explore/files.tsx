// The very same view as a file: pictures made here, tables and graph formats by the server.
import { type RefObject, useState } from "react";
import { failure } from "../api.ts";
import { Menu } from "../parts/overlay.tsx";
import { count } from "../format.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import type { Drawing } from "./draw.ts";
import type { Piece } from "./explorer.ts";
import { paint, save, svgOf } from "./paper.ts";
import { inkNow } from "./picture.ts";
import type { Sifted } from "./sift.ts";
import { own } from "./words.ts";

type Format = "csv" | "graphml" | "gexf" | "json";

export function Files({ sifted, piece, drawing, onTold }: { sifted: Sifted; piece: Piece; drawing: RefObject<Drawing | null>; onTold: (text: string) => void }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const [busy, setBusy] = useState(false);
  const name = `dayan-${piece.snapshot ?? ""}`;
  const foot = say("foot", { as_of: piece.as_of ?? "", snapshot: (piece.snapshot ?? "").slice(0, 8), nodes: count(sifted.nodes.length), edges: count(sifted.lines.length) });
  const told = (file: string, leftOut = 0): void => onTold(say("exported", { name: file }) + (leftOut ? ` · ${say("left_out", { n: leftOut })}` : ""));

  const picture = (kind: "svg" | "png"): void => {
    const seen = drawing.current?.seen();
    if (!seen) return;
    if (kind === "svg") {
      save(new Blob([svgOf(seen, inkNow(), foot)], { type: "image/svg+xml" }), `${name}.svg`);
      told(`${name}.svg`);
    } else
      paint(seen, inkNow(), foot).toBlob((blob) => {
        if (blob) save(blob, `${name}.png`);
        told(`${name}.png`);
      });
  };
  const file = async (format: Format, part: "nodes" | "edges" = "edges"): Promise<void> => {
    setBusy(true);
    try {
      const body = JSON.stringify({ nodes: sifted.nodeIds, edges: sifted.edgeIds, format, part });
      const response = await fetch("/v1/graph/export", { method: "POST", headers: { "Content-Type": "application/json", "Accept-Language": lang }, body, credentials: "same-origin" });
      if (!response.ok) throw await failure(response);
      const called = format === "csv" ? `${name}-${part}.csv` : `${name}.${format}`;
      save(await response.blob(), called);
      told(called, Number(response.headers.get("X-Left-Out") ?? 0));
    } catch (error) {
      onTold(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const deeds = [
    ...(drawing.current ? [{ id: "png", label: "PNG", act: () => picture("png") }, { id: "svg", label: "SVG", act: () => picture("svg") }] : []),
    { id: "nodes", label: say("csv_nodes"), act: () => void file("csv", "nodes") },
    { id: "edges", label: say("csv_edges"), act: () => void file("csv") },
    { id: "graphml", label: "GraphML", act: () => void file("graphml") },
    { id: "gexf", label: "GEXF", act: () => void file("gexf") },
    { id: "json", label: "JSON", act: () => void file("json") },
  ];
  return <Menu label={busy ? `${say("export")}…` : say("export")} deeds={deeds} />;
}
