// The pairs of one view, read page by page, and the sitting over them: deeds go out one after the other.
import { useCallback, useEffect, useRef, useState } from "react";
import { Failure } from "../api.ts";
import { asked, get, post, type Schema } from "../asking.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { type Deed, decide, FRESH, inView, moved, type Pair, type Sitting, standing, taking, undo, type Verdict, type View, viewOf, VIEWS, withoutDeed } from "./sitting.ts";

const PAGE = 100;

interface Read {
  key: string;
  pairs: readonly Pair[];
  next: string | null;
  totals: Record<View, number>;
  asOf: Schema<"Reviews">;
}

function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure(0, String(error), "unexpected");
}

export interface Pairs {
  pairs: readonly Pair[] | null;
  totals: Record<View, number> | null;
  asOf: Schema<"Reviews"> | null;
  failure: Failure | null;
  again: () => void;
  more: (() => void) | null;
  busy: boolean;
  /** The last deed of this sitting: what an undo takes back. */
  last: Deed | null;
  /** A deed that the server refused. */
  refused: { pair: Pair; failure: Failure } | null;
  standing: (pair: Pair) => Pair["decided"];
  decide: (pair: Pair, verdict: Verdict, why: string) => void;
  undo: () => Deed | null;
}

export function usePairs(view: View): Pairs {
  const { lang } = useSettings();
  const { who } = useSession();
  const [read, setRead] = useState<Read | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [sitting, setSitting] = useState<Sitting>(FRESH);
  const [refused, setRefused] = useState<Pairs["refused"]>(null);
  const [busy, setBusy] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const sent = useRef<Promise<unknown>>(Promise.resolve());
  const key = `${lang} ${view} ${attempt}`;

  useEffect(() => {
    let stale = false;
    const page = (state: View, limit: number) => asked(get("/v1/reviews", { query: { state, limit } }), lang);
    // What is on its way first: the lists must tell of it.
    sent.current
      .then(() => Promise.all(VIEWS.map((one) => page(one, one === view ? PAGE : 1))))
      .then(
        (all) => {
          const mine = all[VIEWS.indexOf(view)];
          if (stale || !mine) return;
          const totals = Object.fromEntries(VIEWS.map((one, at) => [one, all[at]?.total ?? 0])) as Record<View, number>;
          setSitting((now) => ({ ...now, now: new Map() }));
          setFailure(null);
          setRead({ key, pairs: mine.items, next: mine.next, totals, asOf: mine });
        },
        (error: unknown) => !stale && setFailure(asFailure(error)),
      );
    return () => {
      stale = true;
    };
  }, [key]);

  const mine = read?.key === key ? read : null;
  const more = useCallback(() => {
    if (!mine?.next || busy) return;
    setBusy(true);
    asked(get("/v1/reviews", { query: { state: view, limit: PAGE, cursor: mine.next } }), lang)
      .then((page) => setRead({ ...mine, pairs: [...mine.pairs, ...page.items], next: page.next }), (error: unknown) => setFailure(asFailure(error)))
      .finally(() => setBusy(false));
  }, [mine, busy, view, lang]);

  const send = (pair: Pair, decision: Verdict | "undo", why: string, back: (now: Sitting) => Sitting): void => {
    setRefused(null);
    sent.current = sent.current
      .then(() => asked(post("/v1/reviews/{review}", { path: { review: pair.id }, body: { decision, why } }), lang))
      .catch((error: unknown) => {
        setSitting(back);
        setRefused({ pair, failure: asFailure(error) });
      });
  };

  return {
    pairs: mine && inView(sitting, mine.pairs, view),
    totals: mine && (Object.fromEntries(VIEWS.map((one) => [one, mine.totals[one] + moved(sitting, mine.pairs, one)])) as Record<View, number>),
    asOf: mine?.asOf ?? null,
    failure,
    again: () => setAttempt((n) => n + 1),
    more: mine?.next ? more : null,
    busy,
    last: sitting.deeds.at(-1) ?? null,
    refused,
    standing: (pair) => standing(sitting, pair),
    decide: (pair, verdict, why) => {
      const after = decide(sitting, pair, { decision: verdict, by: who?.name ?? "", at: new Date().toISOString(), why });
      const deed = after.deeds.at(-1);
      setSitting(after);
      if (deed) send(pair, verdict, why, (now) => withoutDeed(now, deed));
    },
    undo: () => {
      const deed = sitting.deeds.at(-1);
      if (!deed) return null;
      const { decision, why } = taking(deed);
      const stood = standing(sitting, deed.pair);
      setSitting(undo(sitting));
      send(deed.pair, decision, why, (now) => (stood ? decide(now, deed.pair, stood) : now));
      // A pair that was not read with this view comes back by reading it anew.
      if (viewOf(deed.before) === view && !mine?.pairs.some(({ id }) => id === deed.pair.id)) setAttempt((n) => n + 1);
      return deed;
    },
  };
}
