// What a page has sent and what of it did not go through; the files stay at hand so that they can be sent again.
import { useCallback, useRef, useState } from "react";
import { Failure } from "../api.ts";
import { useSettings } from "../settings.ts";
import { meant, type Parcel, parcels, send } from "./upload.ts";

export interface Sending {
  busy: boolean;
  /** Files through, and all that were to go. */
  done: number;
  total: number;
  empty: number;
  refused: readonly { name: string; why: string }[];
  /** Parcels that did not go through, and why the last of them did not. */
  left: readonly Parcel[];
  why: string;
  /** Jobs that read what was sent from here, in order. */
  jobs: readonly string[];
}

const AT_REST: Sending = { busy: false, done: 0, total: 0, empty: 0, refused: [], left: [], why: "", jobs: [] };

/** `file(name)` is a file of this session by its name, for handing it in once more. */
export function useSending(): Sending & { hand: (files: readonly File[], owner: string) => void; again: () => void; file: (name: string) => File | undefined } {
  const { lang, t } = useSettings();
  const [state, setState] = useState<Sending>(AT_REST);
  const files = useRef(new Map<string, File>());
  const going = useRef(false);

  const go = useCallback(
    async (todo: readonly Parcel[]) => {
      if (going.current) return;
      going.current = true;
      const left: Parcel[] = [];
      let through = 0;
      for (const parcel of todo) {
        try {
          const told = await send(parcel, lang, (share) => setState((now) => ({ ...now, done: through + Math.floor(share * parcel.files.length) })));
          through += parcel.files.length;
          const refused = told.files.filter((file) => !file.accepted).map((file) => ({ name: file.name, why: file.error?.message ?? "" }));
          setState((now) => ({ ...now, done: through, jobs: [...now.jobs, told.job], refused: [...now.refused, ...refused] }));
        } catch (error) {
          left.push(parcel);
          const why = error instanceof Failure ? error.detail || (error.status ? t("failed_other", { status: error.status }) : t("failed_unreachable")) : String(error);
          setState((now) => ({ ...now, why }));
        }
      }
      going.current = false;
      setState((now) => ({ ...now, busy: false, left }));
    },
    [lang, t],
  );

  const hand = useCallback(
    (given: readonly File[], owner: string) => {
      const { files: full, empty } = meant(given);
      for (const file of full) files.current.set(file.name, file);
      if (going.current || (!full.length && !empty)) return;
      setState((now) => ({ ...AT_REST, jobs: now.jobs, busy: full.length > 0, total: full.length, empty }));
      if (full.length) void go(parcels(full, owner, () => crypto.randomUUID()));
    },
    [go],
  );
  const again = useCallback(() => {
    setState((now) => ({ ...now, busy: true, done: 0, total: now.left.reduce((sum, { files }) => sum + files.length, 0), why: "" }));
    void go(state.left);
  }, [go, state.left]);
  const file = useCallback((name: string) => files.current.get(name), []);
  return { ...state, hand, again, file };
}
