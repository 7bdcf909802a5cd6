// Small marks that stand beside a name: synthetic data, own books or seen in others' papers, red, void, hub.
import { useSettings } from "../settings.ts";
import type { Word } from "../words.ts";

export function Tag({ word, kind = "plain", why }: { word: Word; kind?: "plain" | "warn" | "good" | "red"; why?: Word }) {
  const { t } = useSettings();
  return (
    <span className={`tag ${kind}`} title={why ? t(why) : undefined}>
      {t(word)}
    </span>
  );
}

export function Synthetic() {
  return <Tag word="synthetic" kind="warn" why="synthetic_why" />;
}

export function Books({ own }: { own: boolean }) {
  return own ? <Tag word="own_books" kind="good" /> : <Tag word="seen_in_others" />;
}
