// Amounts are exact, days are Beijing's, the address holds the wish.
import { expect, it } from "vitest";
import { parse } from "../route.ts";
import { atStep, beijingDay, fenOf, jobsOf, stepOf, typed, wishOf, wrongAmount } from "./steps.ts";

it("reads amounts to the fen", () => {
  expect(fenOf("50", "wan")).toBe(50_000_000);
  expect(fenOf("0.29", "wan")).toBe(290_000);
  expect(fenOf("12.345678", "wan")).toBe(12_345_678);
  expect(fenOf("500,000.5", "yuan")).toBe(50_000_050);
  expect(fenOf("５０", "wan")).toBe(50_000_000);
  for (const no of ["", "0", "-1", "1e5", "十万", "1.234", "1..2"]) expect(fenOf(no, "yuan")).toBeNull();
});

it("writes an amount as it is typed", () => {
  expect(typed(50_000_000, "wan")).toBe("50");
  expect(typed(290_000, "wan")).toBe("0.29");
  expect(typed(290_000, "yuan")).toBe("2900");
});

it("says why an amount does not do", () => {
  const product = { least_fen: 100, most_fen: 1000 };
  expect([null, 99, 1001, 500].map((fen) => wrongAmount(fen, product))).toEqual(["none", "small", "large", null]);
});

it("knows Beijing's day", () => {
  expect(beijingDay("2026-11-22T17:00:00Z")).toBe("2026-11-23");
  expect(beijingDay(new Date("2027-12-31T10:00:00Z"))).toBe("2027-12-31");
});

it("keeps what was chosen in the address, and drops what makes no sense", () => {
  const place = parse("/owner", "?step=apply&amount=30&months=6&purpose=wages&jobs=0123456789abcdef,x");
  expect(stepOf(place)).toBe("apply");
  expect(wishOf(place)).toEqual({ amount: "30", unit: "wan", months: 6, purpose: "wages", product: "working_capital" });
  expect(jobsOf(place)).toEqual(["0123456789abcdef"]);
  expect(wishOf(parse("/owner", "?months=7&purpose=property")).months).toBe(12);
  expect(stepOf(atStep(place, null))).toBeNull();
});
