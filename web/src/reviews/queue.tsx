// What waits, one under the other: the one that is open is marked, kept in sight, and stands in the address.
import { type ReactNode, useEffect, useRef } from "react";
import type { Failure } from "../api.ts";
import { Button } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Empty, Failed } from "../parts/states.tsx";
import type { Place } from "../route.ts";
import { useSay } from "../say.ts";
import { own } from "./words.ts";

export interface Waiting {
  id: string;
  to: Place;
  children: ReactNode;
}

export function Queue({ items, open, foot }: { items: readonly Waiting[]; open: string | null; foot?: ReactNode }) {
  const say = useSay(own);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const box = list.current;
    const one = box?.querySelector<HTMLElement>("[aria-current]");
    if (!box || !one) return;
    // Only the list scrolls, never the page under the reader's eyes.
    const [top, bottom] = [one.offsetTop, one.offsetTop + one.offsetHeight];
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  }, [open, items.length]);
  return (
    <nav className="waiting" aria-label={say("queue")}>
      <ol ref={list}>
        {items.map((item) => (
          <li key={item.id}>
            <Link to={item.to} aria-current={item.id === open ? "true" : undefined}>
              {item.children}
            </Link>
          </li>
        ))}
      </ol>
      {foot}
    </nav>
  );
}

/** A queue that could not be read; before the first graph is built it is merely empty. */
export function NotRead({ failure, again, none }: { failure: Failure; again: () => void; none: keyof typeof own }) {
  const say = useSay(own);
  return failure.code === "no_snapshot" ? <Empty>{say(none)}</Empty> : <Failed failure={failure} again={again} />;
}

/** How much of a queue was read, and the rest on request. */
export function Foot({ shown, more, busy }: { shown: number; more: (() => void) | null; busy: boolean }) {
  const say = useSay(own);
  return (
    <p className="foot hint">
      {say(more ? "so_far" : "all_read", { n: shown })}
      {more && (
        <Button kind="quiet" onPress={more} isDisabled={busy}>
          {say("more")}
        </Button>
      )}
    </p>
  );
}

/** Which of a queue is open: what the address names, else the first; and its neighbours. */
export function stand<T extends { id: string }>(items: readonly T[], wanted: string | undefined): { at: number; one: T | null; next: T | null; previous: T | null } {
  const found = items.findIndex(({ id }) => id === wanted);
  const at = Math.max(found, 0);
  return { at, one: items[at] ?? null, next: items[at + 1] ?? null, previous: items[at - 1] ?? null };
}
