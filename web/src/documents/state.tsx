// What became of a paper, as a mark; and the formats by their names.
import { useSay } from "../say.ts";
import { own } from "./words.ts";

const KIND = { read: "good", partly: "warn", nothing: "red" } as const;

export function StateTag({ state, text }: { state: keyof typeof KIND; text: string }) {
  return <span className={`tag ${KIND[state]}`}>{text}</span>;
}

/** A layout of somebody's own has no name with us and keeps its code. */
export function useFormats(): (code: string | null) => string {
  const say = useSay(own);
  return (code) => {
    const word = `format_${code ?? ""}`;
    return word in own ? say(word as keyof typeof own) : (code ?? "—");
  };
}
