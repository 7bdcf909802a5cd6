// Reasons of a decision in plain words: what the owner's page has a sentence for, else the API's without its figures of risk.
import type { Schema } from "../asking.ts";
import { useSay } from "../say.ts";
import { own } from "./words.ts";

type Reason = Schema<"Reason">;

/** A feature's sentence without what it adds to the probability of default, which tells an owner nothing. */
export function plainly(text: string): string {
  return text.replace(/，违约概率因此.*$/u, "").replace(/, which (?:raises|lowers) the probability of default.*$/u, "");
}

export function usePlain(): (reason: Reason) => string {
  const say = useSay(own);
  return ({ code, text }) => {
    const word = `plain_${code}`;
    return word in own ? say(word as keyof typeof own) : plainly(text);
  };
}

export function Plain({ title, reasons }: { title: string; reasons: readonly Reason[] }) {
  const plain = usePlain();
  const once = [...new Set(reasons.map(plain))];
  if (!once.length) return null;
  return (
    <section className="whys">
      <h2>{title}</h2>
      <ul>
        {once.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </section>
  );
}
