// What a reader sees while there is nothing yet, nothing at all, or something went wrong; always in words.
import type { ReactNode } from "react";
import type { Failure } from "../api.ts";
import { useSettings } from "../settings.ts";

export function Loading() {
  const { t } = useSettings();
  return (
    <p className="state" role="status">
      {t("loading")}
    </p>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <div className="state">{children}</div>;
}

export function Failed({ failure, again }: { failure: Failure; again: () => void }) {
  const { t } = useSettings();
  const fallback = failure.status === 404 ? t("failed_missing") : failure.status ? t("failed_other", { status: failure.status }) : t("failed_unreachable");
  return (
    <div className="state failed" role="alert">
      <strong>{t("failed")}</strong>
      <p>{failure.detail || fallback}</p>
      <button type="button" onClick={again}>
        {t("again")}
      </button>
    </div>
  );
}

/** The foot of a list that is read page by page: how much is shown, and the rest on request. */
export function More({ shown, total, more, state }: { shown: number; total: number; more: (() => void) | null; state: "idle" | "busy" | "failed" }) {
  const { t } = useSettings();
  return (
    <p className="more" role="status">
      <span>{t("shown", { n: shown.toLocaleString("en-US"), total: total.toLocaleString("en-US") })}</span>
      {more && (
        <button type="button" onClick={more} disabled={state === "busy"}>
          {state === "busy" ? t("loading") : t("more")}
        </button>
      )}
      {state === "failed" && <span className="failed">{t("more_failed")}</span>}
    </p>
  );
}
