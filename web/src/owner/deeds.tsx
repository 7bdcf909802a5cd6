// Deeds that are asked about first: withdrawing, taking consent back, asking for a person.
import { useState } from "react";
import { useDeed } from "../answer.ts";
import { post, type Question, type Schema } from "../asking.ts";
import { Button, TextField } from "../parts/form.tsx";
import { Dialog } from "../parts/overlay.tsx";
import { go, usePlace, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { own } from "./words.ts";

/** Everything on the page is asked again: `seen` in the address changes nothing but that. */
export function useAgain(): () => void {
  const place = usePlace();
  return () => go(withMore(place, { seen: Number(place.more?.["seen"] ?? 0) + 1 }), true);
}

/** A button, a question, and the deed. */
export function Sure({ open, title, text, what, after }: { open: string; title: string; text: string; what: () => Question<Schema<"Application">>; after?: () => void }) {
  const say = useSay(own);
  const [asks, setAsks] = useState(false);
  const again = useAgain();
  const deed = useDeed<Schema<"Application">>(() => {
    setAsks(false);
    after?.();
    again();
  });
  return (
    <>
      <Button kind="grave" onPress={() => setAsks(true)}>
        {open}
      </Button>
      <Dialog title={title} open={asks} onClose={() => setAsks(false)}>
        <div className="sure">
          <p>{text}</p>
          {deed.failure && (
            <p className="wrong" role="alert">
              {deed.failure.detail}
            </p>
          )}
          <Button kind="grave" isDisabled={deed.busy} onPress={() => deed.act(what())}>
            {open}
          </Button>
          <Button onPress={() => setAsks(false)}>{say("cancel")}</Button>
        </div>
      </Dialog>
    </>
  );
}

export function ObjectTo({ decision }: { decision: string }) {
  const say = useSay(own);
  const [asks, setAsks] = useState(false);
  const [why, setWhy] = useState("");
  const again = useAgain();
  const deed = useDeed<Schema<"Decision">>(() => {
    setAsks(false);
    again();
  });
  return (
    <>
      <Button onPress={() => setAsks(true)}>{say("object")}</Button>
      <Dialog title={say("object_title")} open={asks} onClose={() => setAsks(false)}>
        <div className="sure">
          <p>{say("object_text")}</p>
          <TextField label={say("object_why")} value={why} onChange={setWhy} rows={3} maxLength={2000} error={deed.failure?.detail} />
          <Button kind="main" isDisabled={deed.busy} onPress={() => deed.act(post("/v1/credit/decisions/{decision}/objection", { path: { decision }, body: { why } }))}>
            {say("object_send")}
          </Button>
          <Button onPress={() => setAsks(false)}>{say("cancel")}</Button>
        </div>
      </Dialog>
    </>
  );
}
