// The doubtful place of a paper as a cut-out of its page, with the box that was read.
import { useState } from "react";
import { useAsked } from "../answer.ts";
import { get, type Schema } from "../asking.ts";
import { useSay } from "../say.ts";
import { own } from "./words.ts";

type Field = Schema<"DocumentField">;
/** Below it a value is worth a second look. */
export const LOW = 0.9;
/** Points of paper shown around the box, and pixels of a picture a point. */
const AROUND = { across: 60, down: 14 };
const SCALE = 2;

/** The value that is worth a look: what a warning names, else the least sure one; only where it stands on a page. */
export function doubtful(fields: readonly Field[], warned: readonly string[]): Field | null {
  const boxed = fields.filter((field) => field.box !== null && field.page !== null);
  const last = (path: string): string => path.split("@")[0]?.split(".").at(-1) ?? "";
  const named = boxed.find((field) => warned.includes(field.path) || warned.includes(last(field.path)));
  const unsure = boxed.filter((field) => (field.confidence ?? 1) < LOW).sort((a, b) => (a.confidence ?? 1) - (b.confidence ?? 1));
  return named ?? unsure[0] ?? null;
}

/** What is cut out of a page, in points: the box with some paper around it, inside the page. */
export function cutOf(box: readonly number[], page: { width: number; height: number }): { left: number; top: number; width: number; height: number } {
  const [l = 0, t = 0, r = 0, b = 0] = box;
  const left = Math.max(0, l - AROUND.across);
  const top = Math.max(0, t - AROUND.down);
  return { left, top, width: Math.min(page.width, r + AROUND.across) - left, height: Math.min(page.height, b + AROUND.down) - top };
}

function Cut({ sha, field, page }: { sha: string; field: Field; page: Schema<"PageSize"> }) {
  const say = useSay(own);
  const [gone, setGone] = useState(false);
  const [l = 0, t = 0, r = 0, b = 0] = field.box ?? [];
  const cut = cutOf(field.box ?? [], page);
  const part = (value: number, of: number): string => `${(100 * value) / of}%`;
  if (gone) return null;
  return (
    <div className="cutout" style={{ aspectRatio: `${cut.width} / ${cut.height}` }}>
      <img
        src={`/v1/documents/${sha}/page/${field.page}.png?scale=${SCALE}`}
        alt={say("cut_alt", { value: field.value ?? "" })}
        onError={() => setGone(true)}
        style={{ width: part(page.width, cut.width), left: part(-cut.left, cut.width), top: part(-cut.top, cut.height) }}
      />
      <span aria-hidden="true" style={{ left: part(l - cut.left, cut.width), top: part(t - cut.top, cut.height), width: part(r - l, cut.width), height: part(b - t, cut.height) }} />
    </div>
  );
}

export function Doubt({ sha, warned }: { sha: string; warned: readonly string[] }) {
  const say = useSay(own);
  const fields = useAsked(get("/v1/documents/{sha256}/fields", { path: { sha256: sha }, query: { limit: 200 } }));
  const field = doubtful(fields.data?.items ?? [], warned);
  const pages = useAsked(field ? get("/v1/documents/{sha256}/pages", { path: { sha256: sha } }) : null);
  const page = pages.data?.items.find(({ number }) => number === field?.page);
  if (!field || !page) return null;
  return (
    <figure className="doubtful">
      <Cut sha={sha} field={field} page={page} />
      <figcaption>{say("doubt", { value: field.value ?? "—" })}</figcaption>
    </figure>
  );
}
