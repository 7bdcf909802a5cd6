// One block of the page: it asks on its own, so that no slow or forbidden answer holds up another.
import type { ReactNode } from "react";
import { useAsked } from "../answer.ts";
import type { Question } from "../asking.ts";
import { Failed, Loading } from "../parts/states.tsx";
import type { Proof } from "../parts/traced.tsx";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { own } from "./words.ts";

/** One quiet line where the reader's role may not see something. */
export function Quiet({ what }: { what: string }) {
  const say = useSay(own);
  return <p className="hint quietline">{say("forbidden", { what })}</p>;
}

/** The proof of a feature of a firm, for readers who may see features; else the figure stands alone. */
export function useFeature(enterprise: string): (name: string) => Proof | null {
  const { can } = useSession();
  return (name) => (can("features:read") ? { of: "feature", enterprise, name } : null);
}

/** `question` is asked once the reader holds `scope`; `children` draws the answer and may ask again. */
export function Block<T>({ title, scope, question, plain, children }: { title: string; scope: string; question: Question<T>; plain?: boolean; children: (data: T, again: () => void) => ReactNode }) {
  const { can, who } = useSession();
  const allowed = can(scope);
  const { data, failure, again } = useAsked(allowed ? question : null);
  if (!who) return <Loading />;
  if (!allowed || failure?.status === 403) return <Quiet what={title} />;
  const body = failure ? <Failed failure={failure} again={again} /> : data ? children(data, again) : <Loading />;
  if (plain) return body;
  return (
    <section className="box">
      <h2>{title}</h2>
      {body}
    </section>
  );
}
