// One enterprise: who it is, where it stands, whom it deals with, its money, and what was decided about it.
import { useEffect } from "react";
import { useAsked } from "../answer.ts";
import { type Failure, isId } from "../api.ts";
import { get, type Schema } from "../asking.ts";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { useTitle } from "../title.ts";
import { Cash } from "./cash.tsx";
import { Credit } from "./credit.tsx";
import "./enterprise.css";
import { Head } from "./head.tsx";
import { History } from "./history.tsx";
import { Overview } from "./overview.tsx";
import { Partners } from "./partners.tsx";
import { Receivables } from "./receivables.tsx";
import { Wealth } from "./wealth.tsx";
import { WhatIf } from "./whatif.tsx";
import { own } from "./words.ts";

export type Profile = Schema<"EnterpriseProfile">;
export interface SheetProps {
  one: Profile;
  place: Place;
}

const SHEETS = { overview: Overview, partners: Partners, receivables: Receivables, cash: Cash, credit: Credit, wealth: Wealth, whatif: WhatIf, history: History } as const;
type SheetName = keyof typeof SHEETS;
const NAMES = Object.keys(SHEETS) as SheetName[];

/** What stands there before the enterprise does; the page has its heading all the same. */
function Until({ failure, again }: { failure: Failure | undefined; again: () => void }) {
  const { t } = useSettings();
  return (
    <>
      <h1 className="unseen">{t("enterprise")}</h1>
      {failure ? <Failed failure={failure} again={again} /> : <Loading />}
    </>
  );
}

/** An address with a credit code: looked up, then the address names the id. */
function ByCode({ code, place }: { code: string; place: Place }) {
  const say = useSay(own);
  const { data, failure, again } = useAsked(get("/v1/enterprises", { query: { q: code, limit: 5 } }));
  const found = data?.items.find((item) => item.code?.toUpperCase() === code.toUpperCase());
  useEffect(() => {
    if (found) go({ ...place, id: found.id }, true);
  }, [found, place]);
  if (!data || found) return <Until failure={failure} again={again} />;
  return (
    <>
      <h1>{code}</h1>
      <Empty>{say("code_none", { code })}</Empty>
    </>
  );
}

function Found({ id, place }: { id: string; place: Place }) {
  const say = useSay(own);
  const { data, failure, again } = useAsked(get("/v1/enterprises/{enterprise}", { path: { enterprise: id } }));
  useTitle(data?.name);
  useEffect(() => {
    if (data && data.id !== id) go({ ...place, id: data.id }, true);
  }, [data, id, place]);
  if (!data) return <Until failure={failure} again={again} />;
  const open = NAMES.find((name) => name === place.more?.["sheet"]) ?? "overview";
  const to = (sheet: string): Place => withMore({ page: "enterprise", id: data.id, lang: place.lang }, { sheet: sheet === "overview" ? null : sheet });
  return (
    <>
      <Head one={data} place={place} />
      <Tabs
        label={say("sheets")}
        open={open}
        onOpen={(sheet) => go(to(sheet))}
        sheets={NAMES.map((name) => {
          const Sheet = SHEETS[name];
          return { id: name, title: say(name), children: <Sheet one={data} place={place} /> };
        })}
      />
    </>
  );
}

export default function Enterprise({ place }: { place: Place }) {
  const { t } = useSettings();
  const id = place.id ?? "";
  return (
    <main id="content" className="page enterprise" tabIndex={-1} aria-label={t("enterprise")}>
      {isId(id) ? <Found id={id} place={place} /> : <ByCode code={id} place={place} />}
    </main>
  );
}
