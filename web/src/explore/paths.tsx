// Paths of goods: from a firm to its core enterprise, or between two; put into the picture as they are found.
import { useState } from "react";
import { Failure } from "../api.ts";
import { asked, get, type Schema } from "../asking.ts";
import { money, unitName } from "../format.ts";
import { Button } from "../parts/form.tsx";
import { Printed } from "../parts/printed.tsx";
import { Traced } from "../parts/traced.tsx";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import type { Node } from "./view.ts";
import { own } from "./words.ts";

type Found = Schema<"Paths">;

/** `to`: another firm, or the core enterprise of the chain that `from` stands in. */
export function PathDeed({ from, to, onFound }: { from: Node; to: Node | "core"; onFound: (ids: string[]) => void }) {
  const say = useSay(own);
  const { lang } = useSettings();
  const [found, setFound] = useState<Found | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = (start: string, goal: string): Promise<Found> => asked(get("/v1/enterprises/{enterprise}/paths", { path: { enterprise: start }, query: { to: goal, chain: to === "core" ? from.chain : undefined, limit: 3 } }), lang);
  const look = async (): Promise<Found> => {
    if (to === "core") return await ask(from.id, "core");
    const there = await ask(from.id, to.id);
    return there.items.length ? there : await ask(to.id, from.id);
  };
  const press = (): void => {
    setBusy(true);
    setWrong(null);
    look()
      .then((paths) => {
        setFound(paths);
        onFound(paths.items.flatMap(({ hops }) => hops.flatMap((hop) => [hop.from.id, hop.to.id])));
      })
      .catch((error: unknown) => setWrong(error instanceof Failure ? error.detail : String(error)))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <Button kind={to === "core" ? "main" : "plain"} isDisabled={busy} onPress={press}>
        {say(to === "core" ? "path_core" : "path_two")}
      </Button>
      {wrong && <p className="wrong">{wrong}</p>}
      {found && <PathList found={found} />}
    </>
  );
}

function PathList({ found }: { found: Found }) {
  const say = useSay(own);
  const { lang, unit } = useSettings();
  if (!found.items.length) return <p role="status">{say("no_path")}</p>;
  return (
    <div className="found" role="status">
      <p className="hint">
        {say("paths_found", { n: found.items.length, hops: Math.max(...found.items.map(({ hops }) => hops.length)) })}
        {found.cut && ` · ${say("paths_cut")}`}
      </p>
      {found.items.map(({ hops }, at) => (
        <ol key={hops.map(({ from }) => from.id).join()} className="way" aria-label={say("path_n", { n: at + 1 })}>
          {hops.map((hop) => (
            <li key={hop.from.id} className={hop.feeds === false ? "hop unsure" : "hop"}>
              <Printed>{hop.from.name}</Printed>
              <div className="hint">
                <Traced proof={{ of: "link", enterprise: hop.from.id, partner: hop.to.id, side: "customers" }}>
                  {money(hop.amount_fen, lang, unit)} {unitName(lang, unit)}
                </Traced>{" "}
                →
              </div>
            </li>
          ))}
          <li className="hop">
            <Printed>{hops.at(-1)?.to.name}</Printed>
          </li>
        </ol>
      ))}
    </div>
  );
}
