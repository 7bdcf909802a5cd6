// The bar on top of every page: mark, search, and the reader's switches.
import { UNITS, unitName } from "../format.ts";
import { usePlace } from "../route.ts";
import { useSession } from "../session.ts";
import { THEMES, useSettings } from "../settings.ts";
import { ChoiceGroup } from "./choice.tsx";
import { Link } from "./link.tsx";
import { Mark } from "./mark.tsx";
import { Nav } from "./nav.tsx";
import { Search } from "./search.tsx";
import { Synthetic } from "./tag.tsx";
import { WhoIs } from "./whois.tsx";

const SIGN = { system: "◐", light: "☀", dark: "☾" } as const;

export function Header() {
  const { lang, unit, theme, setLang, setUnit, setTheme, t } = useSettings();
  const { who } = useSession();
  const place = usePlace();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  const label = `${t("theme")}: ${t(`theme_${theme}`)}`;
  return (
    <header className="bar">
      <a className="skip" href="#content">
        {t("skip")}
      </a>
      <Link to={{ page: "home", lang: place.lang }} className="brand" aria-label={t("home")}>
        <Mark />
        <span className="name">{t("dayan")}</span>
      </Link>
      {who?.synthetic && place.page !== "map" && place.page !== "chains" && <Synthetic />}
      <Nav />
      {place.page === "home" || place.page === "sign-in" || place.page === "owner" ? <span className="grow" /> : <Search />}
      <div className="switches">
        {/* An owner reads whole yuan; who signs in reads no figure. */}
        {place.page !== "owner" && place.page !== "sign-in" && <ChoiceGroup name={t("unit")} value={unit} onChange={setUnit} choices={UNITS.map((value) => ({ value, label: unitName(lang, value) }))} />}
        <ChoiceGroup
          name={t("language")}
          value={lang}
          onChange={setLang}
          choices={[
            { value: "zh", label: "中" },
            { value: "en", label: "EN" },
          ]}
        />
        <button type="button" className="icon" aria-label={label} title={label} onClick={() => setTheme(next)}>
          {SIGN[theme]}
        </button>
        <WhoIs />
      </div>
    </header>
  );
}
