// The legend: classes of the colour, which light their cells when clicked; what the bands are; the marks.
import { count, depth as depthText, percent } from "../format.ts";
import { go, type Place, withMore } from "../route.ts";
import { useSay } from "../say.ts";
import { useSettings } from "../settings.ts";
import { toggled } from "./chosen.ts";
import type { Band } from "./layout.ts";
import type { Entry, Paint } from "./paint.ts";
import { choosing, type View } from "./view.ts";
import { own } from "./words.ts";

/** Keys of cells that the legend leaves dim; none where nothing is lit alone. */
export function dimmed(paint: Paint, view: View): ReadonlySet<string> {
  const lit = paint.entries.flatMap((entry, at) => (view.only.includes(entry.id) ? [at] : []));
  return new Set(lit.length ? [...paint.marks].filter(([, mark]) => !lit.includes(mark.entry)).map(([key]) => key) : []);
}

function Class({ entry, place, view }: { entry: Entry; place: Place; view: View }) {
  const say = useSay(own);
  const on = view.only.includes(entry.id);
  const quiet = view.only.length > 0 && !on;
  return (
    <button
      type="button"
      className={`swatch ${entry.tone}${on ? " on" : ""}${quiet ? " off" : ""}`}
      aria-pressed={on}
      title={`${say("legend_cells", { text: entry.text, n: count(entry.cells) })} · ${say("legend_light")}`}
      onClick={() => go(withMore(place, { only: toggled(view.only, entry.id).join(",") }), true)}
    >
      {entry.text}
    </button>
  );
}

function Lit({ paint, place, view }: { paint: Paint; place: Place; view: View }) {
  const say = useSay(own);
  const away = dimmed(paint, view);
  const kept = [...paint.marks.keys()].filter((key) => !away.has(key));
  return (
    <span className="entry">
      <button type="button" onClick={() => go(choosing(place, kept))}>
        {say("legend_choose")}
      </button>
      <button type="button" onClick={() => go(withMore(place, { only: null }), true)}>
        {say("legend_clear")}
      </button>
    </span>
  );
}

export interface Drawn {
  bands: readonly Band[];
  shown: number;
  share: number;
}

interface Props {
  paint: Paint;
  drawn: Drawn;
  place: Place;
  view: View;
  cores: boolean;
  seat: boolean;
  trail: boolean;
}

function BandsTold({ drawn, compared }: { drawn: Drawn; compared: boolean }) {
  const { t } = useSettings();
  const say = useSay(own);
  const back = drawn.bands.some((band) => band.back && band.rank < drawn.shown);
  return (
    <>
      <span className="entry">
        {!compared && <Sample className="band" />}
        {compared ? say("legend_bands_change") : t("legend_bands")}
        <span className="hint">{t("legend_drawn", { n: drawn.shown, total: drawn.bands.length, share: percent(drawn.share) })}</span>
      </span>
      {compared && (
        <>
          <span className="entry">
            <Sample className="band more" /> {say("legend_more")}
          </span>
          <span className="entry">
            <Sample className="band less" /> {say("legend_less")}
          </span>
        </>
      )}
      {back && (
        <span className="entry">
          <Sample className="band back" /> {t("legend_back")}
        </span>
      )}
    </>
  );
}

function Sample({ className }: { className: string }) {
  return (
    <svg className="sample" viewBox="0 0 30 12" aria-hidden="true">
      <path className={className} d="M0,4C15,4 15,8 30,8" strokeWidth={className.includes("back") ? 2 : 5} />
    </svg>
  );
}

export function Legend({ paint, drawn, place, view, cores, seat, trail }: Props) {
  const { t } = useSettings();
  const say = useSay(own);
  return (
    <div className="legend" role="group" aria-label={t("legend")}>
      <span className="entry classes">
        {paint.name}
        <span className="shades">
          {paint.entries.map((entry) => (
            <Class key={entry.id} entry={entry} place={place} view={view} />
          ))}
        </span>
      </span>
      {view.only.length > 0 && <Lit paint={paint} place={place} view={view} />}
      {drawn.bands.length > 0 && <BandsTold drawn={drawn} compared={view.before !== undefined} />}
      <span className="entry">
        <span className="star">◆</span> {t("end_product")} ({t("depth")} {depthText(0, 0)})
      </span>
      {cores && (
        <span className="entry">
          <span className="star">★</span> {t("core_enterprise")}
        </span>
      )}
      {seat && (
        <span className="entry">
          <span className="seatmark" /> {t("legend_seat")}
        </span>
      )}
      {trail && (
        <span className="entry">
          <svg className="sample" viewBox="0 0 30 12" aria-hidden="true">
            <path className="trailline" d="M2,6L28,6" />
          </svg>
          {say("trail_legend")}
        </span>
      )}
      {paint.note && <span className="entry hint">{paint.note}</span>}
    </div>
  );
}
