// Which firm: the user of this machine looks one up, whoever is bound to several taps one.
import { useEffect, useState } from "react";
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { Button, TextField } from "../parts/form.tsx";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import type { Firm } from "./flow.tsx";
import { own } from "./words.ts";

const PAUSE_MS = 200;

function List({ firms, place }: { firms: readonly { id: string; name: string | null; hint?: string | null }[]; place: Place }) {
  const say = useSay(own);
  return (
    <ul className="choices">
      {firms.map((firm) => (
        <li key={firm.id}>
          <Button onPress={() => go(withMore(place, { firm: firm.id }))}>
            <span>{firm.name ?? say("your_firm")}</span>
            {firm.hint && <span className="hint">{firm.hint}</span>}
          </Button>
        </li>
      ))}
    </ul>
  );
}

export function ChooseOwn({ firms, place }: { firms: readonly Firm[]; place: Place }) {
  const say = useSay(own);
  return (
    <>
      <h1>{say("choose")}</h1>
      <List firms={firms} place={place} />
    </>
  );
}

export function LookUp({ place }: { place: Place }) {
  const say = useSay(own);
  const [text, setText] = useState("");
  const [query, setQuery] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setQuery(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useAsked(query ? get("/v1/enterprises", { query: { q: query, limit: 8 } }) : null);
  return (
    <>
      <h1>{say("choose")}</h1>
      <p>{say("choose_hint")}</p>
      <TextField label={say("choose_field")} value={text} onChange={setText} autoComplete="off" maxLength={100} autoFocus error={found.failure?.detail || undefined} />
      {found.data && !found.data.items.length && <p role="status">{say("choose_none", { q: query })}</p>}
      {found.data && <List firms={found.data.items.map((one) => ({ id: one.id, name: one.name, hint: one.code }))} place={place} />}
    </>
  );
}
