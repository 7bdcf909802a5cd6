// Which key presses are ours: plain letters and arrows, never while somebody types.
import { expect, it } from "vitest";
import { keyOf } from "./keys.ts";

/** An element that stands inside what `of` matches. */
function within(...roles: string[]): EventTarget {
  return { closest: (selector: string) => (roles.some((role) => selector.includes(role)) ? {} : null) } as unknown as EventTarget;
}
const press = (key: string, more: Partial<Parameters<typeof keyOf>[0]> = {}) => keyOf({ key, ctrlKey: false, metaKey: false, altKey: false, target: within(), ...more });

it("knows letters in either case, and arrows", () => {
  expect([press("s"), press("S"), press("ArrowDown"), press("ArrowUp")]).toEqual(["s", "s", "down", "up"]);
  expect([press("1"), press("Enter"), press(" ")]).toEqual([null, null, null]);
});

it("leaves the browser its own", () => {
  for (const held of ["ctrlKey", "metaKey", "altKey"]) expect(press("s", { [held]: true })).toBeNull();
});

it("is silent while somebody types or chooses", () => {
  for (const place of ["textarea", "input:not(", "[role='listbox']", "[role='dialog']"]) expect(press("s", { target: within(place) })).toBeNull();
});

it("leaves arrows to what they move in", () => {
  expect(press("ArrowDown", { target: within("[role='tablist']") })).toBeNull();
  expect(press("j", { target: within("[role='tablist']") })).toBe("j");
  expect([press("ArrowUp", { target: within("input[type='radio']") }), press("u", { target: within("input[type='radio']") })]).toEqual([null, "u"]);
});
