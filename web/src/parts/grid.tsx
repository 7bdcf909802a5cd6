// A table of any length: only the rows in sight are in the page, and only they are asked for.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useRef } from "react";

export interface Column<Row> {
  id: string;
  title: ReactNode;
  /** Pixels, or a share of what is left. */
  width: number | "1fr" | "2fr";
  number?: boolean;
  cell: (row: Row) => ReactNode;
  sort?: boolean;
}

export interface Order {
  by: string;
  down: boolean;
}

const ROW = 34;

/**
 * Rows by number: `row(i)` is undefined while it is on its way, and the grid tells by `onSight` which it needs.
 * Keyboard: the table scrolls; links and buttons in its rows are reached by Tab.
 */
export function Grid<Row>({
  label,
  columns,
  total,
  row,
  keyOf,
  onSight,
  order,
  onOrder,
  height = 560,
  chosen,
}: {
  label: string;
  columns: readonly Column<Row>[];
  total: number;
  row: (at: number) => Row | undefined;
  keyOf: (row: Row) => string;
  onSight?: (first: number, last: number) => void;
  order?: Order | null;
  onOrder?: (order: Order) => void;
  height?: number | string;
  chosen?: (row: Row) => boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    onChange: (all) => {
      const items = all.getVirtualItems();
      const [first, last] = [items[0], items.at(-1)];
      if (first && last) onSight?.(first.index, last.index);
    },
  });
  const items = rows.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = rows.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div ref={box} className="grid" style={{ maxHeight: height }} tabIndex={0} role="region" aria-label={label}>
      <table aria-rowcount={total + 1}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.id} style={typeof column.width === "number" ? { width: column.width } : {}} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={column.number ? "number" : undefined} aria-sort={order?.by === column.id ? (order.down ? "descending" : "ascending") : undefined}>
                {column.sort && onOrder ? (
                  <button type="button" className="sorter" onClick={() => onOrder({ by: column.id, down: order?.by === column.id ? !order.down : true })}>
                    {column.title} <span aria-hidden="true">{order?.by === column.id ? (order.down ? "↓" : "↑") : "↕"}</span>
                  </button>
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr aria-hidden="true" style={{ height: before }} />}
          {items.map((item) => {
            const one = row(item.index);
            return (
              <tr key={one ? keyOf(one) : item.index} aria-rowindex={item.index + 2} style={{ height: ROW }} data-chosen={one && chosen?.(one) ? "" : undefined}>
                {columns.map((column) => (
                  <td key={column.id} className={column.number ? "number" : undefined}>
                    {one ? column.cell(one) : <span className="wait" />}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <tr aria-hidden="true" style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}
