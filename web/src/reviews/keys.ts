// Keys of one letter that act on the page: never while somebody types, and off when the reader turns them off.
import { useEffect, useRef } from "react";

const TYPING = "input:not([type='radio'], [type='checkbox']), textarea, select, [contenteditable='true'], [role='textbox'], [role='listbox'], [role='menu'], [role='dialog']";
/** Where arrows already mean something. */
const ARROWS = "input[type='radio'], [role='tablist'], [role='radiogroup'], [role='grid'], [data-scrolls]";

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  target: EventTarget | null;
}

/** The name of a key as deeds know it: "s", "down", "up"; null where it is not ours. */
export function keyOf(event: Pressed): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const at = event.target as { closest?: (selector: string) => unknown } | null;
  const within = (selector: string): boolean => Boolean(at?.closest?.(selector));
  if (within(TYPING)) return null;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") return within(ARROWS) ? null : event.key === "ArrowDown" ? "down" : "up";
  return /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : null;
}

/** Has keys do deeds while the component stands and `on` holds. */
export function useKeys(on: boolean, deeds: Readonly<Record<string, () => void>>): void {
  const now = useRef(deeds);
  now.current = deeds;
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent): void => {
      const key = event.defaultPrevented || event.repeat ? null : keyOf(event);
      // A dialog or a list that lies over the page takes the keys for itself.
      if (key === null || document.querySelector(".veil, .popover")) return;
      const deed = now.current[key];
      if (!deed) return;
      event.preventDefault();
      deed();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [on]);
}
