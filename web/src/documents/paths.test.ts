// Names of values, what is doubtful, and which values a fact rests on.
import { expect, it } from "vitest";
import { filled, type Lang } from "../words.ts";
import { doubt, type Field, missing, nameOf, restsOn, sorted, type Warned } from "./paths.ts";
import { own } from "./words.ts";

const known = (lang: Lang) => (word: string, n?: number) => (word in own ? filled(own[word as keyof typeof own][lang], n === undefined ? {} : { n }) : null);
const label = (code: string) => (code === "vat_return" ? "增值税申报表" : code);
const field = (path: string, confidence: number | null = 0.98): Field => ({ path, value: "1", page: null, box: null, method: { code: "text", text: "text" }, confidence, checks: [], corrected: null });
const warning = (name: string, row = 0): Warned => ({ code: "odd", message: "odd", field: name, value: "", row });

it.each([
  ["number", "号码", "Number"],
  ["seller.code", "销售方 · 税号", "Seller · tax number"],
  ["lines[2].amount", "明细 2 · 金额", "Line 2 · Amount"],
  ["rows[5].balance", "第 5 行 · 余额", "Row 5 · balance"],
  ["invoices[3].buyer.name", "第 3 张票 · 购买方 · 名称", "Invoice 3 · Buyer · name"],
  ["title@paragraph[4]", "标题 (第 4 段)", "Title (paragraph 4)"],
  ["vat_return.sales.taxable.period", "增值税申报表 · 按适用税率计税销售额 · 本期", "增值税申报表 · taxable sales · this period"],
  ["never.heard", "never · heard", "never · heard"],
])("%s has a name", (path, zh, en) => {
  expect(nameOf(path, known("zh"), label)).toBe(zh);
  expect(nameOf(path, known("en"), label)).toBe(en);
});

it("puts what is doubtful first, the least certain at the top", () => {
  const { doubtful, certain } = sorted([field("number"), field("total", 0.7), field("seller.code"), field("tax", 0.5)], [warning("seller_code")]);
  expect(doubtful.map(({ path }) => path)).toEqual(["tax", "total", "seller.code"]);
  expect(certain.map(({ path }) => path)).toEqual(["number"]);
});

it("asks nobody to check what a person corrected", () => {
  const corrected = { value: "1", by: "a", at: "2026-01-01T00:00:00Z", why: "", applied: true };
  expect(doubt({ ...field("total", 0.4), corrected }, [warning("total")])).toBeNull();
});

it("warns of the row that a warning names, and of no other", () => {
  expect(doubt(field("rows[4].amount"), [warning("amount", 4)])).not.toBeNull();
  expect(doubt(field("rows[5].amount"), [warning("amount", 4)])).toBeNull();
});

it("lights the values of one fact", () => {
  const fact = (table: string, values: [string, string][] = []) => ({ table, values: values.map(([name, value]) => ({ name, value, label: name, unit: "text" as const, text: null, enterprise: null })) }) as unknown as Parameters<typeof restsOn>[1];
  expect(restsOn("rows[4].amount", fact("bank_flows"), 4)).toBe(true);
  expect(restsOn("rows[5].amount", fact("bank_flows"), 4)).toBe(false);
  expect(restsOn("holder", fact("bank_flows"), 4)).toBe(false);
  expect(restsOn("seller.name", fact("invoices"), null)).toBe(true);
  expect(restsOn("invoices[2].number", fact("invoices"), 1)).toBe(false);
  const declared = fact("declarations", [["form", "vat_return"], ["item", "tax.due"], ["column", "year"]]);
  expect(restsOn("vat_return.tax.due.year", declared, 7)).toBe(true);
  expect(restsOn("vat_return.tax.due.period", declared, 7)).toBe(false);
});

it("offers only what was not read", () => {
  const offered = missing([field("number"), field("seller.code")]);
  expect(offered).toContain("total");
  expect(offered).not.toContain("number");
  expect(offered).not.toContain("seller.code");
});
