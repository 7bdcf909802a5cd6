// A link to a place of our own: a real address for the browser, no reload for the reader.
import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { go, href, type Place } from "../route.ts";

/** Follows a plain left click inside the page; any other click stays the browser's. */
export function follow(event: MouseEvent, place: Place): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(place);
}

export function Link({ to, ...rest }: { to: Place } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  return <a {...rest} href={href(to)} onClick={(event) => follow(event, to)} />;
}
