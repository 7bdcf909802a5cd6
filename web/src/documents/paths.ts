// What a value's path says: its name in words, whether it is doubtful, and whether a fact rests on it.
import type { Schema } from "../asking.ts";

export type Field = Schema<"DocumentField">;
export type Warned = Schema<"RowWarned">;
type Fact = Schema<"FactAnswer">;

/** Below it a value is shown among those to be checked: what a rule took from running text, or a picture. */
export const LOW = 0.9;

/** Says a word of the pages, `null` where there is none. */
export type Known = (word: string, n?: number) => string | null;

const STEP = /([A-Za-z_0-9]+)(?:\[(\d+)\])?/g;
const PARTIES = new Set(["seller", "buyer"]);
const FORMS = new Set(["vat_return", "vat_return_small", "vat_schedule_1", "balance_sheet", "income_statement", "cash_flow"]);

interface Step {
  name: string;
  n: number | null;
}

function steps(path: string): Step[] {
  return [...path.matchAll(STEP)].map(([, name = "", n]) => ({ name, n: n === undefined ? null : Number(n) }));
}

/** `lines[2].amount` → "Line 2 · amount"; a word that nobody knows stays as it is. */
export function nameOf(path: string, known: Known, label: (code: string) => string): string {
  const [said = "", at] = path.split("@");
  const parts = steps(said);
  const place = at ? ` (${steps(at).map(({ name, n }) => (n === null ? name : (known(`at_${name}`, n) ?? `${name} ${n}`))).join(" ")})` : "";
  const [form, ...rest] = parts;
  if (form && FORMS.has(form.name)) {
    const item = rest.slice(0, -1).map(({ name }) => name);
    const column = rest.at(-1)?.name ?? "";
    return [known(`f_${form.name}`) ?? label(form.name), known(`i_${item.join("_")}`) ?? item.join("."), known(`f_${column}`) ?? column].join(" · ") + place;
  }
  const words = parts.map(({ name, n }, at) => {
    if (n !== null) return known(`at_${name}`, n) ?? `${name} ${n}`;
    if (at < parts.length - 1) return known(`at_${name}`) ?? known(`f_${name}`) ?? name;
    const party = at > 0 && PARTIES.has(parts[at - 1]?.name ?? "");
    return (party && known(`f_party_${name}`)) || (known(`f_${name}`) ?? known(`at_${name}`) ?? name);
  });
  return words.join(" · ") + place;
}

/** A path as warnings name values: without numbers and places, parts joined by `_`. */
function plain(path: string): string {
  return (path.split("@")[0] ?? "").replace(/\[\d+\]/g, "").replace(/^(invoices|lines|rows|terms|rates)\./, "").replaceAll(".", "_");
}

/** Why a value is to be checked: warnings that name it, or a low confidence; null where nothing speaks against it. */
export function doubt(field: Field, warnings: readonly Warned[]): { low: boolean; warnings: readonly Warned[] } | null {
  if (field.corrected) return null;
  const row = rowOf(field.path);
  const mine = warnings.filter((one) => one.field && (one.field === plain(field.path) || one.field === field.path) && (row === null || one.row === 0 || one.row === row));
  const low = field.confidence !== null && field.confidence < LOW;
  return low || mine.length > 0 ? { low, warnings: mine } : null;
}

/** What is doubtful first, the least certain at the top; the rest as on the paper. */
export function sorted(fields: readonly Field[], warnings: readonly Warned[]): { doubtful: Field[]; certain: Field[] } {
  const doubtful = fields.filter((field) => doubt(field, warnings));
  const certain = fields.filter((field) => !doubt(field, warnings));
  return { doubtful: doubtful.sort((a, b) => (a.confidence ?? 1) - (b.confidence ?? 1)), certain };
}

/** Which row of a table, or which invoice of a file of several, a value belongs to. */
export function rowOf(path: string): number | null {
  const found = /^(?:rows|invoices)\[(\d+)\]/.exec(path);
  return found ? Number(found[1]) : null;
}

/** Whether a value is one of those the fact was made of; all are, on a paper that is one fact. */
export function restsOn(path: string, fact: Fact | undefined, row: number | null): boolean {
  if (!fact) return false;
  if (fact.table === "declarations") {
    const said = (name: string): string => fact.values.find((value) => value.name === name)?.value ?? "";
    return path === [said("form"), said("item"), said("column")].join(".");
  }
  const own = rowOf(path);
  if (own !== null) return own === row;
  return !/^rows\[/.test(path) && (fact.table === "invoices" || fact.table === "contracts" || fact.table === "statements");
}

/** Values of an invoice that a person may say where none was read. */
const SAYABLE = ["number", "code", "issued", "amount", "tax", "total", "remark", "currency", "seller.code", "seller.name", "seller.address", "seller.phone", "seller.account", "buyer.code", "buyer.name", "buyer.address", "buyer.phone", "buyer.account"] as const;

/** Those of them that a paper of one invoice lacks. */
export function missing(fields: readonly Field[]): string[] {
  const there = new Set(fields.map(({ path }) => path));
  return SAYABLE.filter((path) => !there.has(path));
}

/** A value that was not read, to be said by a person. */
export function unread(path: string): Field {
  return { path, value: null, page: null, box: null, method: { code: "human", text: "" }, confidence: null, checks: [], corrected: null };
}
