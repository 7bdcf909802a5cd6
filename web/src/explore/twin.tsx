// The same nodes and links as two tables.
import { useMemo, useState } from "react";
import { count, money, sentence, unitName } from "../format.ts";
import { type Column, Grid, type Order } from "../parts/grid.tsx";
import { Printed } from "../parts/printed.tsx";
import { Traced } from "../parts/traced.tsx";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import type { Line, Shown, Sifted } from "./sift.ts";
import { useLevelText } from "./stage.tsx";
import type { Node } from "./view.ts";
import { own } from "./words.ts";

function compared(a: string | number | null | undefined, b: string | number | null | undefined): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return a < b ? -1 : 1;
}

export function Twin({ sifted, nodes, chosen, onChoose, onEdge }: { sifted: Sifted; nodes: readonly Node[]; chosen: readonly string[]; onChoose: (ids: string[]) => void; onEdge: (id: string) => void }) {
  const say = useSay(own);
  const known = useMemo(() => new Map(nodes.map((node) => [node.id, node])), [nodes]);
  const names = useMemo(() => new Map(sifted.nodes.map(({ id, name }) => [id, name])), [sifted]);
  return (
    <div className="twins">
      <section>
        <h2>
          {say("nodes")} <small>{count(sifted.nodes.length)}</small>
        </h2>
        <Nodes shown={sifted.nodes} known={known} chosen={chosen} onChoose={onChoose} />
      </section>
      <section>
        <h2>
          {say("edges")} <small>{count(sifted.lines.length)}</small>
        </h2>
        <Lines lines={sifted.lines} names={names} onEdge={onEdge} />
      </section>
    </div>
  );
}

function Nodes({ shown, known, chosen, onChoose }: { shown: readonly Shown[]; known: ReadonlyMap<string, Node>; chosen: readonly string[]; onChoose: (ids: string[]) => void }) {
  const say = useSay(own);
  const levelText = useLevelText();
  const { lang, unit } = useSettings();
  const [order, setOrder] = useState<Order>({ by: "sales", down: true });
  const value = (one: Shown): string | number | null | undefined => {
    const node = known.get(one.id);
    return { name: one.name, level: one.level, segment: node?.segment_name, region: node?.region_name, sales: one.sales_fen, suppliers: node?.suppliers, customers: node?.customers }[order.by];
  };
  const rows = useMemo(() => [...shown].sort((a, b) => compared(value(a), value(b)) * (order.down ? -1 : 1) || (a.id < b.id ? -1 : 1)), [shown, known, order]);
  const columns: Column<Shown>[] = [
    {
      id: "name",
      title: say("name"),
      width: "2fr",
      sort: true,
      cell: (one) => (
        <button type="button" className="plainlink" onClick={() => onChoose([one.id])}>
          {one.core && "★ "}
          {one.hub && "◎ "}
          <Printed>{one.name}</Printed>
        </button>
      ),
    },
    { id: "level", title: say("level"), width: 110, sort: true, cell: (one) => levelText(one.level) },
    { id: "segment", title: say("segment"), width: 140, sort: true, cell: (one) => sentence(known.get(one.id)?.segment_name ?? "—") },
    { id: "region", title: say("region"), width: 110, sort: true, cell: (one) => known.get(one.id)?.region_name ?? "—" },
    { id: "sales", title: say("sales", { unit: unitName(lang, unit) }), width: 130, number: true, sort: true, cell: (one) => (one.kind === "enterprise" || one.kind === "group" ? money(one.sales_fen, lang, unit) : "—") },
    { id: "suppliers", title: say("suppliers"), width: 90, number: true, sort: true, cell: (one) => count(known.get(one.id)?.suppliers) },
    { id: "customers", title: say("customers"), width: 90, number: true, sort: true, cell: (one) => count(known.get(one.id)?.customers) },
  ];
  return <Grid label={say("nodes")} columns={columns} total={rows.length} row={(at) => rows[at]} keyOf={({ id }) => id} order={order} onOrder={setOrder} height={320} chosen={({ id }) => chosen.includes(id)} />;
}

function Lines({ lines, names, onEdge }: { lines: readonly Line[]; names: ReadonlyMap<string, string>; onEdge: (id: string) => void }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  const [order, setOrder] = useState<Order>({ by: "amount", down: true });
  const value = (one: Line): string | number | null | undefined =>
    ({ from: names.get(one.source), to: names.get(one.target), kind: one.kind, basis: one.basis, amount: one.amount_fen, invoices: one.count, last: one.edges[0]?.last })[order.by];
  const rows = useMemo(() => [...lines].sort((a, b) => compared(value(a), value(b)) * (order.down ? -1 : 1) || (a.id < b.id ? -1 : 1)), [lines, names, order]);
  const columns: Column<Line>[] = [
    { id: "from", title: say("from"), width: "1fr", sort: true, cell: (one) => <Printed>{names.get(one.source)}</Printed> },
    { id: "to", title: say("to"), width: "1fr", sort: true, cell: (one) => <Printed>{names.get(one.target)}</Printed> },
    {
      id: "kind",
      title: say("kind"),
      width: 130,
      sort: true,
      cell: (one) => (
        <button type="button" className="plainlink" onClick={() => onEdge(one.id)}>
          {one.edges[0]?.type_text ?? say(one.kind)}
        </button>
      ),
    },
    { id: "basis", title: say("basis"), width: 90, sort: true, cell: (one) => say(one.basis) },
    {
      id: "amount",
      title: say("amount", { unit: unitName(lang, unit) }),
      width: 160,
      number: true,
      sort: true,
      cell: (one) => {
        const [edge] = one.edges;
        const proof = edge && one.edges.length === 1 && edge.type === "SUPPLIES" ? ({ of: "link", enterprise: edge.source, partner: edge.target, side: "customers" } as const) : null;
        return <Traced proof={proof}>{money(one.amount_fen, lang, unit)}</Traced>;
      },
    },
    { id: "invoices", title: say("invoices"), width: 80, number: true, sort: true, cell: (one) => (one.kind === "supply" && one.basis === "observed" ? count(one.count) : "—") },
    { id: "last", title: say("last"), width: 110, sort: true, cell: (one) => one.edges[0]?.last ?? "—" },
  ];
  return <Grid label={say("edges")} columns={columns} total={rows.length} row={(at) => rows[at]} keyOf={({ id }) => id} order={order} onOrder={setOrder} height={360} />;
}
