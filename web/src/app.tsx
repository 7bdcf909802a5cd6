// The shell: settings, labels and who looks, the bar, the page that the address names, and the proof drawer.
import { lazy, Suspense, useEffect, useRef } from "react";
import { Boundary } from "./parts/boundary.tsx";
import { Header } from "./parts/header.tsx";
import { RowsNote } from "./parts/rowsnote.tsx";
import { Loading } from "./parts/states.tsx";
import { Missing } from "./pages/missing.tsx";
import { go, href, type Place, usePlace } from "./route.ts";
import { LabelsContext, useOwnLabels } from "./say.ts";
import { type Session, SessionContext, useOwnSession } from "./session.ts";
import { SettingsContext, useOwnSettings } from "./settings.ts";

// Each page is fetched when first opened: the first load stays small.
const Home = lazy(() => import("./home/home.tsx"));
const Chains = lazy(() => import("./pages/chains.tsx"));
const Chain = lazy(() => import("./pages/chain.tsx"));
const Explore = lazy(() => import("./explore/explore.tsx"));
const Enterprise = lazy(() => import("./enterprise/enterprise.tsx"));
const Documents = lazy(() => import("./documents/documents.tsx"));
const Document = lazy(() => import("./documents/document.tsx"));
const Reviews = lazy(() => import("./reviews/reviews.tsx"));
const Lists = lazy(() => import("./lists/lists.tsx"));
const Owner = lazy(() => import("./owner/owner.tsx"));
const SignIn = lazy(() => import("./signin/signin.tsx"));
const Proof = lazy(() => import("./proof/drawer.tsx"));

function Page({ place }: { place: Place }) {
  switch (place.page) {
    case "home":
      return <Home place={place} />;
    case "chains":
      return <Chains place={place} />;
    case "map":
      return <Chain place={place} key={place.chain} />;
    case "explore":
      return <Explore place={place} />;
    case "enterprise":
      return <Enterprise place={place} key={place.id} />;
    case "documents":
      return <Documents place={place} />;
    case "document":
      return <Document place={place} key={place.id} />;
    case "reviews":
      return <Reviews place={place} />;
    case "lists":
      return <Lists place={place} />;
    case "owner":
      return <Owner place={place} />;
    case "sign-in":
      return <SignIn place={place} />;
    case "missing":
      return <Missing />;
  }
}

export function App() {
  const settings = useOwnSettings();
  return (
    <SettingsContext value={settings}>
      <Known />
    </SettingsContext>
  );
}

/** Pages that say themselves what somebody who is not signed in can do. */
const OPEN: ReadonlySet<Place["page"]> = new Set(["home", "owner", "sign-in", "missing"]);

/** Leads who comes without being signed in to the sign-in, and back here after it. Once a visit only: when a
 * session ends in the middle of something, what was typed stays on the page. */
function useDoor(place: Place, { who }: Session): void {
  const asked = useRef(false);
  useEffect(() => {
    if (!who || asked.current) return;
    asked.current = true;
    if (!who.signed_in && !OPEN.has(place.page)) go({ page: "sign-in", more: { next: href({ ...place, lang: undefined }) }, lang: place.lang }, true);
  }, [who, place]);
}

/** What needs the reader's language: who looks, and the labels of codes. */
function Known() {
  const place = usePlace();
  const session = useOwnSession(place.lang ?? "zh");
  const labels = useOwnLabels();
  useDoor(place, session);
  return (
    <SessionContext value={session}>
      <LabelsContext value={labels}>
        <Header />
        <RowsNote />
        <Boundary at={`${place.page} ${place.id ?? place.chain ?? ""}`}>
          <Suspense fallback={<Loading />}>
            <Page place={place} />
            {place.more?.["proof"] && <Proof place={place} />}
          </Suspense>
        </Boundary>
      </LabelsContext>
    </SessionContext>
  );
}
