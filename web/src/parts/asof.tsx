// Data cut-off and published version: what every figure on the page was read from.
import type { Answer } from "../api.ts";
import { MISSING } from "../format.ts";
import { useSettings } from "../settings.ts";

export function AsOf({ answer }: { answer: Answer }) {
  const { t } = useSettings();
  // An empty store has neither.
  if (!answer.as_of && !answer.snapshot) return null;
  return (
    <p className="asof">
      {t("data_cut_off")} <time dateTime={answer.as_of ?? undefined}>{answer.as_of ?? MISSING}</time>
      <span className="hint">
        {t("snapshot")} <code>{answer.snapshot?.slice(0, 8) ?? MISSING}</code>
      </span>
    </p>
  );
}
