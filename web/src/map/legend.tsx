// The legend: shades of the cells, what the bands are and how many of them are drawn, the marks.
import { count, depth as depthText, percent } from "../format.ts";
import { useSettings } from "../settings.ts";
import type { Picture } from "./layout.ts";

function Shades({ steps }: { steps: number[] }) {
  return (
    <span className="shades">
      {steps.map((from, at) => {
        const next = steps[at + 1];
        const text = next === undefined ? `≥ ${count(from)}` : next - 1 === from ? count(from) : `${count(from)}–${count(next - 1)}`;
        return (
          <span key={from} className={`swatch shade${at}`}>
            {text}
          </span>
        );
      })}
    </span>
  );
}

export function Legend({ picture, drawn, share, cores, seat }: { picture: Picture; drawn: number; share: number; cores: boolean; seat: boolean }) {
  const { t } = useSettings();
  const back = picture.bands.some((band) => band.back && band.rank < drawn);
  return (
    <div className="legend" role="group" aria-label={t("legend")}>
      <span className="entry">
        {t("legend_count")} <Shades steps={picture.steps} />
      </span>
      {picture.bands.length > 0 && (
        <span className="entry">
          <svg className="sample" viewBox="0 0 30 12" aria-hidden="true">
            <path className="band" d="M0,4C15,4 15,8 30,8" strokeWidth="5" />
          </svg>
          {t("legend_bands")}
          <span className="hint">{t("legend_drawn", { n: drawn, total: picture.bands.length, share: percent(share) })}</span>
        </span>
      )}
      {back && (
        <span className="entry">
          <svg className="sample" viewBox="0 0 30 12" aria-hidden="true">
            <path className="band back" d="M0,6L30,6" strokeWidth="2" />
          </svg>
          {t("legend_back")}
        </span>
      )}
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
    </div>
  );
}
