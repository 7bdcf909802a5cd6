// Who looks at the pages, and what they may: read once, shown or hidden by it; the server enforces it anyway.
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { asked, get, type Schema, SIGNED_OUT } from "./asking.ts";

export type Who = Schema<"SessionAnswer">;

export interface Session {
  /** Null while the server has not answered. */
  who: Who | null;
  /** Whether they see some firms only: an owner, or somebody with a portfolio. */
  bound: boolean;
  /** Whether they sit outside the bank: bound, and shown nothing but their own firm. */
  outside: boolean;
  /** Whether an operation is theirs, as far as the scopes reach: who sees some firms only may not call all. */
  may: (operation: string) => boolean;
  /** Whether they hold a scope; nothing while nobody is known. */
  can: (scope: string) => boolean;
  /** Asks the server again who this is. */
  again: () => Promise<void>;
}

export function useOwnSession(lang: string): Session {
  const [who, setWho] = useState<Who | null>(null);
  const again = useCallback(async () => {
    await asked(get("/v1/session"), lang).then(setWho, () => setWho(null));
  }, [lang]);
  useEffect(() => {
    void again();
    const out = (): void => void again();
    addEventListener(SIGNED_OUT, out);
    return () => removeEventListener(SIGNED_OUT, out);
  }, [again]);
  return useMemo(() => {
    const bound = Boolean(who?.enterprises ?? who?.portfolio);
    const may = (operation: string): boolean => who?.operations?.includes(operation) ?? true;
    return { who, again, bound, outside: who?.outside ?? false, may, can: (scope: string) => who?.scopes?.includes(scope) ?? false };
  }, [who, again]);
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession outside of its provider");
  return session;
}
