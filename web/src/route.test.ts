// What an address says is what it was written from.
import { expect, it } from "vitest";
import { href, parse, type Place, withMore } from "./route.ts";

const there = (place: Place): Place => {
  const [path = "", query = ""] = href(place).split("?");
  return parse(path, query);
};

it.each<Place>([
  { page: "home" },
  { page: "chains" },
  { page: "explore", more: { nodes: "a,b", since: "2024-01" } },
  { page: "enterprise", id: "82a886f554725b4b", more: { sheet: "credit", proof: "fact:00ff" }, lang: "en" },
  { page: "document", id: "ab".repeat(32), more: { page: "2" } },
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

it("changes what a page keeps, and takes out what is nothing", () => {
  const place = withMore({ page: "lists" }, { q: "尼龙", core: true, level: 4 });
  expect(place.more).toEqual({ q: "尼龙", core: "1", level: "4" });
  expect(withMore(place, { q: null, core: false, level: undefined })).toEqual({ page: "lists" });
});

it("knows an address that names no page", () => {
  expect(parse("/nowhere/at/all", "").page).toBe("missing");
  expect(parse("/map/nev/more", "").page).toBe("missing");
  expect(parse("/lists/more", "").page).toBe("missing");
  expect(parse("/enterprise", "").page).toBe("missing");
  expect(parse("/map/%E0%A4%A", "").page).toBe("missing");
});
