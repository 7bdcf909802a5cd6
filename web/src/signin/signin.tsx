// Signing in: a key, or the organisation's own account. The key itself is kept nowhere.
import { useState } from "react";
import { useDeed } from "../answer.ts";
import { post, type Schema } from "../asking.ts";
import { Button, TextField } from "../parts/form.tsx";
import { Loading } from "../parts/states.tsx";
import { Mark } from "../parts/mark.tsx";
import { go, href, type Place, parse } from "../route.ts";
import { useLabel, useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { useTitle } from "../title.ts";
import "./signin.css";
import { own } from "./words.ts";

/** Where the reader wanted to go: an address of ours alone. */
function wanted(place: Place): Place {
  const next = place.more?.["next"];
  if (!next?.startsWith("/") || next.startsWith("//")) return { page: "home", lang: place.lang };
  const [pathname = "/", search = ""] = next.split("?");
  return { ...parse(pathname, search), lang: place.lang };
}

export default function SignIn({ place }: { place: Place }) {
  const say = useSay(own);
  const label = useLabel();
  const { who, again } = useSession();
  const [key, setKey] = useState("");
  const { act, busy, failure } = useDeed<Schema<"SessionAnswer">>((answer) => {
    if (!answer.signed_in) return;
    setKey("");
    void again().then(() => go(wanted(place), true));
  });
  useTitle(say("title"));
  const oidc = who?.methods.find(({ method }) => method === "oidc");
  return (
    <main id="content" className="page signin" tabIndex={-1}>
      <div className="box">
        <Mark />
        <h1>{say("title")}</h1>
        {!who && <Loading />}
        {who?.signed_in && (
          <>
            <p>{who.local_user ? say("local") : say("known", { name: who.name ?? "" })}</p>
            {who.local_user && (
              <p className="hint">
                {say("make")} <code>dayan keys make NAME --role admin</code>
              </p>
            )}
            <Button kind="main" onPress={() => go(wanted(place))}>
              {say("go_on")}
            </Button>
          </>
        )}
        {who && !who.signed_in && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              act(post("/v1/session", { body: { key: key.trim() } }));
            }}
          >
            {who.signed_out && <p role="status">{say("ended")}</p>}
            {place.more?.["problem"] && <p role="alert" className="wrong">{say("elsewhere", { problem: label(place.more["problem"]) })}</p>}
            <p className="hint">{say("lead")}</p>
            <TextField label={say("key")} hint={say("key_hint")} type="password" autoComplete="off" value={key} onChange={setKey} error={failure?.detail} autoFocus />
            <Button kind="main" type="submit" isDisabled={busy || !key.trim()}>
              {say("enter")}
            </Button>
            {oidc && (
              <>
                <p className="hint">{say("or")}</p>
                <a className="button" href={`/v1/session/oidc?to=${encodeURIComponent(href(wanted(place)))}`}>
                  {say("oidc")}
                </a>
              </>
            )}
          </form>
        )}
      </div>
    </main>
  );
}
