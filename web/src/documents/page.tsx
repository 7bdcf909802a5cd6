// A page of a paper with the boxes of its values: over its picture, or as a sketch where there is none.
import { type ReactNode, useState } from "react";
import { useAsked } from "../answer.ts";
import { get } from "../asking.ts";
import { Button } from "../parts/form.tsx";
import { useSay } from "../say.ts";
import { useSession } from "../session.ts";
import { doubt, type Field, type Warned } from "./paths.ts";
import { own } from "./words.ts";

/** Points around a sketch. */
const MARGIN = 18;

export interface Lighting {
  /** The value that is chosen, and the one under the pointer. */
  chosen: string | null;
  over: string | null;
  setOver: (path: string | null) => void;
  choose: (path: string) => void;
  /** Whether the fact that was come from rests on a value. */
  lit: (path: string) => boolean;
  name: (path: string) => string;
}

interface Size {
  width: number;
  height: number;
}

type Boxed = Field & { box: number[] };

function isBoxed(field: Field): field is Boxed {
  return field.box?.length === 4;
}

/** Rectangles in points; the list of values says the same in words, so they are pictures only. */
function Boxes({ fields, size, light, warnings, children }: { fields: readonly Boxed[]; size: Size; light: Lighting; warnings: readonly Warned[]; children?: ReactNode }) {
  return (
    <svg className="boxes" viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true" preserveAspectRatio="none">
      {children}
      {fields.map((field) => {
        const [left = 0, top = 0, right = 0, bottom = 0] = field.box;
        const kinds = [
          light.lit(field.path) && "lit",
          doubt(field, warnings) && "doubtful",
          field.corrected && "mended",
          (light.over === field.path || light.chosen === field.path) && "chosen",
        ];
        return (
          <rect
            key={field.path}
            data-path={field.path}
            className={["place", ...kinds.filter(Boolean)].join(" ")}
            x={left - 1}
            y={top - 1}
            width={Math.max(1, right - left) + 2}
            height={Math.max(1, bottom - top) + 2}
            onPointerEnter={() => light.setOver(field.path)}
            onPointerLeave={() => light.setOver(null)}
            onClick={() => light.choose(field.path)}
          >
            <title>{`${light.name(field.path)}: ${field.value ?? ""}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/** Where each value stands, as far as that was read: its text in its box. */
function Sketch({ fields, size, light, warnings, why }: { fields: readonly Boxed[]; size: Size; light: Lighting; warnings: readonly Warned[]; why: string }) {
  return (
    <figure className="paperpage">
      <div className="sketch">
        <Boxes fields={fields} size={size} light={light} warnings={warnings}>
          {fields.map((field) => {
            const [left = 0, top = 0, right = 0, bottom = 0] = field.box;
            const text = field.value ?? "";
            const wide = [...text].reduce((sum, mark) => sum + (mark.charCodeAt(0) > 0x2e80 ? 1 : 0.62), 0) || 1;
            const size = Math.min(9, (bottom - top) * 0.8, Math.max(4, (right - left) / wide));
            return (
              <text key={field.path} x={left} y={(top + bottom) / 2 + size * 0.36} fontSize={size}>
                {text}
              </text>
            );
          })}
        </Boxes>
      </div>
      <figcaption className="hint">{why}</figcaption>
    </figure>
  );
}

function extent(fields: readonly Boxed[]): Size {
  return {
    width: Math.max(100, ...fields.map(({ box }) => box[2] ?? 0)) + MARGIN,
    height: Math.max(100, ...fields.map(({ box }) => box[3] ?? 0)) + MARGIN,
  };
}

/** `paged`: the paper has pages that can be drawn; else only the places of its values are known. */
export function Pages({ sha256, name, paged, fields, warnings, light, page, setPage }: { sha256: string; name: string; paged: boolean; fields: readonly Field[]; warnings: readonly Warned[]; light: Lighting; page: number; setPage: (page: number) => void }) {
  const say = useSay(own);
  const { can, bound } = useSession();
  const [broken, setBroken] = useState(false);
  const { data } = useAsked(paged ? get("/v1/documents/{sha256}/pages", { path: { sha256 } }) : null);
  const boxed = fields.filter(isBoxed);
  const last = Math.max(1, data?.total ?? 1, ...boxed.map((field) => field.page ?? 1));
  const now = Math.min(Math.max(1, page), last);
  const here = boxed.filter((field) => (field.page ?? 1) === now);
  const size = data?.items.find(({ number }) => number === now);
  const allowed = can("personal:read") || bound;
  const why = !paged ? say("sketch") : broken ? say("picture_failed") : say("picture_kept");
  return (
    <section className="pages" tabIndex={0} aria-label={say("page")}>
      {last > 1 && (
        <p className="pager">
          <Button kind="quiet" isDisabled={now === 1} onPress={() => setPage(now - 1)}>
            ← {say("before")}
          </Button>
          <span>{say("page_of", { n: now, total: last })}</span>
          <Button kind="quiet" isDisabled={now === last} onPress={() => setPage(now + 1)}>
            {say("after")} →
          </Button>
        </p>
      )}
      {paged && allowed && !broken ? (
        size && (
          <figure className="paperpage">
            <img src={`/v1/documents/${sha256}/page/${now}.png?scale=2`} width={size.width} height={size.height} alt={say("picture", { name, n: now })} onError={() => setBroken(true)} />
            <Boxes fields={here} size={size} light={light} warnings={warnings} />
          </figure>
        )
      ) : (
        <Sketch fields={here} size={size ?? extent(boxed)} light={light} warnings={warnings} why={why} />
      )}
    </section>
  );
}
