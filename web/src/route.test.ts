// What an address says is what it was written from.
import { expect, it } from "vitest";
import { href, parse, type Place } from "./route.ts";

const there = (place: Place): Place => {
  const [path = "", query = ""] = href(place).split("?");
  return parse(path, query);
};

it.each<Place>([
  { page: "chains" },
  { page: "chains", enterprise: "82a886f554725b4b", lang: "en" },
  { page: "map", chain: "nev", segment: "nev-cell", depth: -2, lang: "zh" },
  { page: "map", chain: "nev", unplaced: true, view: "table" },
  { page: "map", chain: "我的链/一", enterprise: "a", side: "suppliers", partner: "b" },
])("keeps %j", (place) => {
  expect(there(place)).toEqual(place);
});

it("drops what makes no sense", () => {
  expect(parse("/map/nev", "depth=abc&side=left&view=3d")).toEqual({ page: "map", chain: "nev" });
});

it("knows an address that names no page", () => {
  expect(parse("/nowhere/at/all", "").page).toBe("missing");
  expect(parse("/map/nev/more", "").page).toBe("missing");
  expect(parse("/map/%E0%A4%A", "").page).toBe("missing");
});
