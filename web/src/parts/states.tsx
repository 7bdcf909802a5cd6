// What a reader sees while there is nothing yet, nothing at all, or something went wrong; always in words.
import type { ReactNode } from "react";
import type { Failure } from "../api.ts";
import { usePlace } from "../route.ts";
import { useSettings } from "../settings.ts";
import { Link } from "./link.tsx";

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

/** An empty store: not a failure, but a beginning. What to do first, by hand or on the command line. */
export function Nothing() {
  const { t } = useSettings();
  const place = usePlace();
  return (
    <section className="box state nothing">
      <h2>{t("nothing")}</h2>
      <p>{t("nothing_do")}</p>
      <Link className="button main" to={{ page: "documents", lang: place.lang }}>
        {t("to_documents")}
      </Link>
      <p className="hint">
        {t("nothing_line")} <code>dayan ingest PATH</code> <code>dayan build</code>
      </p>
    </section>
  );
}

export function Failed({ failure, again }: { failure: Failure; again: () => void }) {
  const { t } = useSettings();
  if (failure.code === "no_snapshot") return <Nothing />;
  if (failure.code === "rows_not_kept")
    return (
      <p className="state hint" role="status">
        {t("rows_closed")}
      </p>
    );
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
