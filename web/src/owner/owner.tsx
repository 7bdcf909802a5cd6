// The page of a firm's owner: consent, papers, what is proven, the application, the answer; made for a telephone.
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { Button } from "../parts/form.tsx";
import { Link } from "../parts/link.tsx";
import { Loading } from "../parts/states.tsx";
import { go, href, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useSettings } from "../settings.ts";
import { useTitle } from "../title.ts";
import { ApplyStep } from "./apply.tsx";
import { ChooseOwn, LookUp } from "./choose.tsx";
import { ConsentStep } from "./consent.tsx";
import type { Firm, Shown } from "./flow.tsx";
import { Mine } from "./mine.tsx";
import "./owner.css";
import { PapersStep } from "./papers.tsx";
import { ProvenStep } from "./proven.tsx";
import { OfferStep } from "./result.tsx";
import { stepOf } from "./steps.ts";
import { own } from "./words.ts";

function Steps(shown: Shown) {
  const known = useAsked(get("/v1/enterprises/{enterprise}", { path: { enterprise: shown.firm.id } }));
  const firm = { ...shown.firm, name: known.data?.name ?? shown.firm.name };
  const here = { ...shown, firm };
  switch (stepOf(shown.place)) {
    case "consent":
      return <ConsentStep {...here} synthetic={known.data?.synthetic ?? false} />;
    case "papers":
      return <PapersStep {...here} />;
    case "proven":
      return <ProvenStep {...here} />;
    case "apply":
      return <ApplyStep {...here} />;
    case "offer":
      return <OfferStep {...here} key={shown.place.more?.["seen"]} />;
    case null:
      return <Mine {...here} key={shown.place.more?.["seen"]} />;
  }
}

/** The firm that the page is about: the caller's own, or the one that the user of this machine chose. */
function useFirm(place: Place): { firm: Firm | null; choices: Firm[] | null } {
  const { who } = useSession();
  const chosen = place.more?.["firm"];
  const choices = who?.enterprises ?? null;
  if (!choices) return { firm: chosen && /^[0-9a-f]{16}$/.test(chosen) ? { id: chosen, name: null } : null, choices };
  const mine = choices.find(({ id }) => id === chosen) ?? (choices.length === 1 ? choices[0] : undefined);
  return { firm: mine ?? null, choices };
}

export default function Owner({ place }: { place: Place }) {
  const say = useSay(own);
  const { t } = useSettings();
  const { who, can } = useSession();
  const { firm, choices } = useFirm(place);
  const step = stepOf(place);
  useTitle(say(step ? `step_${step}` : "title"));
  const inside = () => {
    if (!who) return <Loading />;
    if (!who.signed_in)
      return (
        <>
          <h1>{say("title")}</h1>
          <p>{say("lead")}</p>
          <Link className="button main" to={{ page: "sign-in", more: { next: href({ ...place, lang: undefined }) }, lang: place.lang }}>
            {t("sign_in")}
          </Link>
        </>
      );
    if (!can("credit:apply"))
      return (
        <>
          <h1>{say("title")}</h1>
          <p>{say("forbidden")}</p>
        </>
      );
    if (!firm) return choices ? <ChooseOwn firms={choices} place={place} /> : <LookUp place={place} />;
    return (
      <>
        <Steps place={place} firm={firm} />
        {(choices === null || choices.length > 1) && (
          <p className="homeward">
            <Button kind="quiet" onPress={() => go(withMore({ ...place, more: undefined }, {}))}>
              {say("other_firm")}
            </Button>
          </p>
        )}
      </>
    );
  };
  return (
    <main id="content" className="page owner" tabIndex={-1}>
      <div className="column">{inside()}</div>
    </main>
  );
}
