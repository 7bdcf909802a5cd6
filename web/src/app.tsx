// The shell: settings for everybody, the bar, and the page the address names.
import { Chain } from "./pages/chain.tsx";
import { Chains } from "./pages/chains.tsx";
import { Missing } from "./pages/missing.tsx";
import { Header } from "./parts/header.tsx";
import { usePlace } from "./route.ts";
import { SettingsContext, useOwnSettings } from "./settings.ts";

export function App() {
  const settings = useOwnSettings();
  const place = usePlace();
  return (
    <SettingsContext value={settings}>
      <Header />
      {place.page === "chains" && <Chains place={place} />}
      {place.page === "map" && <Chain place={place} key={place.chain} />}
      {place.page === "missing" && <Missing />}
    </SettingsContext>
  );
}
