// A number that opens what it rests on: the first click of the way down to the box on a paper.
import type { ReactNode } from "react";
import type { Schema } from "../asking.ts";
import { type Place, usePlace, withMore } from "../route.ts";
import { useSession } from "../session.ts";
import { Link } from "./link.tsx";

/**
 * What a figure rests on, as it stands in the address under `proof`:
 * a feature of a firm, the papers behind a link, one fact, several facts, a decision, or what the server
 * worked it out from (`what`: a route of /v1/proofs, `given`: its query).
 */
export type Proof =
  | { of: "worked"; what: What; given: Given }
  | { of: "feature"; enterprise: string; name: string }
  | { of: "link"; enterprise: string; partner: string; side: "suppliers" | "customers" }
  | { of: "fact"; fact: string }
  | { of: "facts"; facts: readonly string[] }
  | { of: "decision"; decision: string };

export type What = Schema<"WorkedProof">["what"];
export type Given = Readonly<Record<string, string | number | null | undefined>>;

/** What the drawer asks of the server for each kind: who may not ask it sees a figure, no link into a refusal. */
const ASKS: Record<Exclude<Proof["of"], "worked">, string> = { feature: "enterprise_features", link: "evidence", fact: "fact", facts: "fact", decision: "credit_decision" };
/** Each kind of the server's by its name: a new one is missed here by the compiler. */
const ASKS_WORKED: Record<What, string> = {
  exposure: "proof_of_exposure",
  cash: "proof_of_cash",
  late: "proof_of_lateness",
  receivables: "proof_of_receivables",
  momentum: "proof_of_momentum",
  sold: "proof_of_sales",
  score: "proof_of_score",
  seat: "proof_of_seat",
  wealth: "proof_of_wealth",
  pair: "proof_of_pair",
  alike: "proof_of_likeness",
  suggested: "proof_of_suggestion",
  hit: "proof_of_hit",
};

/** A figure that was worked out: what it is, and of whom. */
export function worked(what: What, given: Given): Proof {
  return { of: "worked", what, given };
}

/** What is given as a query; what is not known is left out. */
export function queryOf(given: Given): string {
  const told = Object.entries(given).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return new URLSearchParams(told.map(([key, value]) => [key, String(value)])).toString();
}

/** As text; `readProof` reads it back. */
export function writeProof(proof: Proof): string {
  switch (proof.of) {
    case "feature":
      return `feature:${proof.enterprise}:${proof.name}`;
    case "link":
      return `link:${proof.enterprise}:${proof.partner}:${proof.side}`;
    case "fact":
      return `fact:${proof.fact}`;
    case "facts":
      return `facts:${proof.facts.join(",")}`;
    case "worked":
      return `worked:${proof.what}:${queryOf(proof.given)}`;
    case "decision":
      return `decision:${proof.decision}`;
  }
}

/** Null where the address says nothing that makes sense. */
export function readProof(text: string | undefined): Proof | null {
  if (text?.startsWith("worked:")) {
    const [, what = "", query = ""] = /^worked:([a-z]+):(.*)$/.exec(text) ?? [];
    return what in ASKS_WORKED ? { of: "worked", what: what as What, given: Object.fromEntries(new URLSearchParams(query)) } : null;
  }
  const [of, one, two, three] = (text ?? "").split(":");
  if (of === "feature" && one && two) return { of, enterprise: one, name: two };
  if (of === "link" && one && two && (three === "suppliers" || three === "customers")) return { of, enterprise: one, partner: two, side: three };
  if (of === "fact" && one) return { of, fact: one };
  if (of === "facts" && one) return { of, facts: one.split(",") };
  if (of === "decision" && one) return { of, decision: one };
  return null;
}

/** The place with the proof drawer open (null closes it). */
export function proven(place: Place, proof: Proof | null): Place {
  return withMore(place, { proof: proof && writeProof(proof) });
}

export function Traced({ proof, children, label }: { proof: Proof | null; children: ReactNode; label?: string }) {
  const place = usePlace();
  const { may } = useSession();
  if (!proof || !may(proof.of === "worked" ? ASKS_WORKED[proof.what] : ASKS[proof.of])) return <>{children}</>;
  return (
    <Link to={proven(place, proof)} className="traced" aria-label={label}>
      {children}
    </Link>
  );
}
