// An amount in yuan as somebody types it, exactly in fen.

/** Fen of "300,000.5", wide digits too; null where it is no amount with at most two decimals. */
export function fenOf(text: string): number | null {
  const plain = text.normalize("NFKC").replace(/[,，\s]/g, "");
  const found = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(plain);
  if (!found) return null;
  return Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0") || 0);
}
