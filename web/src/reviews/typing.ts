// Keys while somebody types in a form: send it, or leave the field so that the page's keys work again.
import type { KeyboardEvent } from "react";

/** Ctrl+Enter, on a Mac Cmd+Enter. */
export function submitted(event: KeyboardEvent): boolean {
  return event.key === "Enter" && (event.ctrlKey || event.metaKey);
}

/** Escape leaves the field. */
export function leave(event: KeyboardEvent): void {
  if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
}
