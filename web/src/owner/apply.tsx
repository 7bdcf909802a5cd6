// The fourth step: one number to type, everything else is chosen by a tap; sent, and decided at once.
import { useEffect, useState } from "react";
import { Failure } from "../api.ts";
import { forget, useAsked } from "../answer.ts";
import { asked, get, post } from "../asking.ts";
import { money } from "../format.ts";
import { Button, TextField } from "../parts/form.tsx";
import { Failed } from "../parts/states.tsx";
import { go, withMore } from "../route.ts";
import { useLabel, useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { Chips, Onward, type Shown, StepOf, toStep } from "./flow.tsx";
import { useJobs } from "./jobs.ts";
import { consentOf, type Kept } from "./kept.ts";
import { AMOUNTS, fenOf, jobsOf, MONTHS, PRODUCTS, type Product, PURPOSES, type Purpose, typed, type Wish, wishOf, wrongAmount, type AmountUnit } from "./steps.ts";
import { own } from "./words.ts";

/** SHA-256 of what was handed in by these uploads and was read. */
function readPapers(jobs: readonly { items: readonly { sha256: string | null; state: string }[] }[]): string[] {
  const found = jobs.flatMap(({ items }) => items).filter((paper) => paper.state !== "failed" && paper.sha256);
  return [...new Set(found.map(({ sha256 }) => sha256 ?? ""))].slice(0, 200);
}

interface Sent {
  firm: string;
  wish: Wish;
  fen: number;
  consent: Kept;
  documents: string[];
  /** Applications that are there already: the same wish once more is another application. */
  before: number;
}

/** Enters the application and has it decided; sent twice it is one. Returns the application's id. */
async function send(sent: Sent, lang: string): Promise<string> {
  const { wish, consent } = sent;
  const key = ["owner", sent.firm, sent.fen, wish.months, wish.purpose, wish.product, consent.text, consent.given_on, consent.until, sent.documents.length, sent.before].join(":");
  const body = { enterprise: sent.firm, product: wish.product, amount_fen: sent.fen, months: wish.months, purpose: wish.purpose, consent, documents: sent.documents };
  const entered = await asked(post("/v1/applications", { body }), lang, { idempotency: key });
  // The application is there: where the decision fails, the next page offers to try it again.
  await asked(post("/v1/credit/decisions", { body: { application: entered.id } }), lang, { idempotency: `decide:${entered.id}` }).catch(() => undefined);
  return entered.id;
}

function useSend(done: (application: string) => void): { busy: boolean; failure?: Failure | undefined; act: (sent: Sent) => void; clear: () => void } {
  const { lang } = useSettings();
  const [state, setState] = useState<{ busy: boolean; failure?: Failure }>({ busy: false });
  const act = (sent: Sent): void => {
    setState({ busy: true });
    send(sent, lang).then(
      (application) => {
        forget();
        setState({ busy: false });
        done(application);
      },
      (error: unknown) => setState({ busy: false, failure: error instanceof Failure ? error : new Failure(0, String(error), "unexpected") }),
    );
  };
  return { ...state, act, clear: () => setState({ busy: false }) };
}

export function ApplyStep({ place, firm }: Shown) {
  const say = useSay(own);
  const label = useLabel();
  const { lang } = useSettings();
  const wish = wishOf(place);
  const [amount, setAmount] = useState(wish.amount);
  const [told, setTold] = useState(false);
  const watched = useJobs(jobsOf(place));
  const terms = useAsked(get("/v1/enterprises/{enterprise}/proven", { path: { enterprise: firm.id } }));
  const applications = useAsked(get("/v1/applications", { query: { enterprise: firm.id, limit: 200 } }));
  const consent = consentOf(firm.id);
  const { act, busy, failure, clear } = useSend((application) => toStep(place, "offer", { application }));

  const product = terms.data?.products.find((one) => one.product === wish.product);
  const fen = fenOf(amount, wish.unit);
  const wrong = wrongAmount(fen, product);
  const change = (part: Partial<Record<keyof Wish, string | number>>): void => go(withMore(place, part), true);
  useEffect(() => setAmount(wish.amount), [wish.amount]);
  const yuan = (value: number): string => money(value, lang, "one");
  const error = (): string | undefined => {
    if (!told || !wrong) return undefined;
    if (wrong === "none") return say("amount_none");
    return wrong === "small" ? say("amount_small", { least: yuan(product?.least_fen ?? 0) }) : say("amount_large", { most: yuan(product?.most_fen ?? 0) });
  };
  const submit = (): void => {
    setTold(true);
    if (wrong || fen === null || !consent || !applications.data) return;
    act({ firm: firm.id, wish, fen, consent, documents: readPapers(watched.jobs), before: applications.data.items.length });
  };
  const months = MONTHS.filter((n) => !product || (n >= product.least_months && n <= product.most_months));
  return (
    <StepOf title={say("apply_title")} place={place} at="apply">
      <form
        className="wish"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className="sum">
          <TextField
            label={say("amount", { unit: say(`unit_${wish.unit}`) })}
            value={amount}
            onChange={(text) => {
              setAmount(text);
              change({ amount: text });
            }}
            inputMode="decimal"
            autoComplete="off"
            maxLength={16}
            error={error()}
            hint={fen !== null && !error() ? say("in_yuan", { yuan: yuan(fen) }) : undefined}
          />
          <Chips<AmountUnit> name={say("unit")} value={wish.unit} onChange={(unit) => change({ unit })} choices={(["wan", "yuan"] as const).map((value) => ({ value, label: say(`unit_${value}`) }))} />
        </div>
        <Chips
          name={say("amount_quick")}
          value={fen === null ? null : fen / 100}
          onChange={(value) => change({ amount: typed(value * 100, wish.unit) })}
          choices={AMOUNTS.map((value) => ({ value: value as number, label: lang === "zh" ? `${value / 10_000} 万` : value.toLocaleString("en-US") }))}
        />
        <Chips name={say("months")} value={wish.months} onChange={(value) => change({ months: value })} choices={months.map((value) => ({ value: value as number, label: say("month", { n: value }) }))} />
        <Chips<Purpose> name={say("purpose")} value={wish.purpose} onChange={(purpose) => change({ purpose })} choices={PURPOSES.map((value) => ({ value, label: label(`purpose_${value}`) }))} />
        <Chips<Product> name={say("product")} value={wish.product} onChange={(value) => change({ product: value })} choices={PRODUCTS.map((value) => ({ value, label: say(`product_${value}`) }))} />
        {!watched.settled && <p role="status">{say("still_adding")}</p>}
        {(failure ?? applications.failure) && <Failed failure={(failure ?? applications.failure) as Failure} again={failure ? clear : applications.again} />}
        {!consent && (
          <div className="onward">
            <p role="alert">{say("need_consent")}</p>
            <Button onPress={() => toStep(place, "consent")}>{say("to_consent")}</Button>
          </div>
        )}
        {consent && <Onward label={say(busy ? "submitting" : "submit")} busy={busy} act={submit} />}
      </form>
    </StepOf>
  );
}
