// Who is signed in, and the way in or out.
import { lazy, Suspense } from "react";
import { asked, remove } from "../asking.ts";
import { forget } from "../answer.ts";
import { go, href, usePlace } from "../route.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { Link } from "./link.tsx";

// The menu brings the component library along: fetched only where somebody is signed in, after the page.
const Menu = lazy(() => import("./overlay.tsx").then(({ Menu }) => ({ default: Menu })));

export function WhoIs() {
  const { t, lang } = useSettings();
  const { who, again } = useSession();
  const place = usePlace();
  if (!who) return null;
  if (!who.signed_in) {
    const next = place.page === "sign-in" ? undefined : { next: href({ ...place, lang: undefined }) };
    return (
      <Link className="whois" to={{ page: "sign-in", more: next, lang: place.lang }}>
        {t("sign_in")}
      </Link>
    );
  }
  const name = who.name ?? "";
  const leave = (): void => {
    void asked(remove("/v1/session"), lang).then(async () => {
      forget();
      await again();
      go({ page: "sign-in", lang: place.lang });
    });
  };
  if (!who.session) return <span className="whois hint">{who.local_user ? t("local_user") : name}</span>;
  return (
    <Suspense fallback={<span className="whois hint">{name}</span>}>
      <Menu kind="quiet" label={<span title={who.role_text ?? undefined}>{name}</span>} deeds={[{ id: "out", label: t("sign_out"), act: leave }]} />
    </Suspense>
  );
}
