// What the charts of this page share: axes in the tokens' colours, lines, and bands for intervals.
import { token } from "../parts/chart.tsx";

/** Axes, legend and tooltip; `written` writes an amount. Bands carry no name of their own in the legend. */
export function axes(names: readonly string[], written: (fen: number) => string) {
  const quiet = token("quiet");
  const short = (fen: number): string => written(fen).replace(/\.00$/, "");
  return {
    grid: { left: 8, right: 12, top: 34, bottom: 4, containLabel: true },
    legend: { top: 0, textStyle: { color: quiet } },
    tooltip: { trigger: "axis", valueFormatter: (fen: number | null) => (fen === null || fen === undefined ? "—" : written(fen)) },
    xAxis: { type: "category", data: [...names], boundaryGap: false, axisLabel: { color: quiet }, axisLine: { lineStyle: { color: token("edge") } } },
    yAxis: { type: "value", axisLabel: { color: quiet, formatter: short }, splitLine: { lineStyle: { color: token("line") } } },
  };
}

export function line(name: string, data: (number | null)[], color: string, dashed = false) {
  return { name, type: "line", data, showSymbol: data.length < 3, lineStyle: { color, width: 2, type: dashed ? "dashed" : "solid" }, itemStyle: { color } };
}

/** An interval as two stacked lines: an unseen one at its low end, and the area from there to its high end. */
export function band(name: string, ends: readonly ({ low_fen: number; high_fen: number } | undefined)[], color: string) {
  const quiet = { type: "line", stack: `band ${name}`, stackStrategy: "all", symbol: "none", silent: true, tooltip: { show: false }, lineStyle: { opacity: 0 } };
  return [
    { ...quiet, data: ends.map((one) => one?.low_fen ?? null) },
    { ...quiet, data: ends.map((one) => (one ? one.high_fen - one.low_fen : null)), areaStyle: { color, opacity: 0.14 } },
  ];
}
