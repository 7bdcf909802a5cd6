// A chart with its table twin: ECharts, fetched when first needed, drawn as SVG in the tokens' colours.
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useSettings } from "../settings.ts";
import { ChoiceGroup } from "./choice.tsx";
import type { EChartsOption } from "./echarts.ts";

/** A token's colour as it is now, light or dark. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/**
 * `option` is asked for when drawn, so that it can read tokens. `twin`: the same figures as a table; a reader
 * may switch, and a screen reader is told so.
 */
export function Chart({ title, option, twin, height = 280 }: { title: string; option: () => EChartsOption; twin: ReactNode; height?: number }) {
  const { t, shade, lang } = useSettings();
  const [view, setView] = useState<"picture" | "table">("picture");
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element || view !== "picture") return;
    let done: (() => void) | null = null;
    let gone = false;
    void import("./echarts.ts").then(({ draw }) => {
      if (!gone) done = draw(element, option());
    });
    return () => {
      gone = true;
      done?.();
    };
  }, [option, view, shade, lang]);
  return (
    <figure className="chart">
      <figcaption>
        <span>{title}</span>
        <ChoiceGroup
          name={t("view")}
          value={view}
          onChange={setView}
          choices={[
            { value: "picture", label: t("chart") },
            { value: "table", label: t("table") },
          ]}
        />
      </figcaption>
      {view === "picture" ? <div ref={box} role="img" aria-label={title} style={{ height }} /> : twin}
    </figure>
  );
}
