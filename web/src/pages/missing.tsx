// An address that names no page.
import { Link } from "../parts/link.tsx";
import { Mark } from "../parts/mark.tsx";
import { useSettings } from "../settings.ts";
import { useTitle } from "../title.ts";

export function Missing() {
  const { t } = useSettings();
  useTitle(t("missing_title"));
  return (
    <main id="content" className="page" tabIndex={-1}>
      <div className="box nothing">
        <Mark />
        <h1>{t("missing_title")}</h1>
        <p>{t("missing_text")}</p>
        <code>{location.pathname}</code>
        <p className="waysout">
          <Link className="button main" to={{ page: "chains" }}>
            {t("all_chains")}
          </Link>{" "}
          <Link className="button" to={{ page: "home" }}>
            {t("to_home")}
          </Link>
        </p>
      </div>
    </main>
  );
}
