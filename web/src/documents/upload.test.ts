// How files are cut into requests.
import { expect, it } from "vitest";
import { meant, MOST_BYTES, MOST_FILES, parcels } from "./upload.ts";

const file = (name: string, size = 10): File => ({ name, size }) as File;
let next = 0;
const key = (): string => `key${next++}`;

it("cuts a thousand files into few requests, each with its own key, and builds after the last", () => {
  const cut = parcels(Array.from({ length: 1000 }, (_, n) => file(`${n}.xml`)), "", key);
  expect(cut.map(({ files }) => files.length)).toEqual([MOST_FILES, MOST_FILES, MOST_FILES, MOST_FILES, MOST_FILES]);
  expect(new Set(cut.map(({ key }) => key)).size).toBe(5);
  expect(cut.map(({ build }) => build)).toEqual([false, false, false, false, true]);
  expect(cut.flatMap(({ files }) => files.map(({ name }) => name))).toEqual(Array.from({ length: 1000 }, (_, n) => `${n}.xml`));
});

it("sends what is larger than a request alone", () => {
  const cut = parcels([file("a"), file("b", MOST_BYTES * 2), file("c")], "91", key);
  expect(cut.map(({ files }) => files.map(({ name }) => name))).toEqual([["a"], ["b"], ["c"]]);
  expect(cut.every(({ owner }) => owner === "91")).toBe(true);
});

it("leaves out what systems leave behind, and tells of empty files", () => {
  const { files, empty } = meant([file(".DS_Store"), file("Thumbs.db"), file("~$a.xlsx"), file("a.xml"), file("b.xml", 0)]);
  expect(files.map(({ name }) => name)).toEqual(["a.xml"]);
  expect(empty).toBe(1);
});

it("makes nothing of nothing", () => {
  expect(parcels([], "", key)).toEqual([]);
});
