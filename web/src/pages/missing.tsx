// An address that names no page.
import { Link } from "../parts/link.tsx";
import { useSettings } from "../settings.ts";

export function Missing() {
  const { t } = useSettings();
  return (
    <main id="content" className="page" tabIndex={-1}>
      <h1>{t("missing_title")}</h1>
      <p>{t("missing_text")}</p>
      <Link to={{ page: "chains" }}>{t("all_chains")}</Link>
    </main>
  );
}
