// The parts of ECharts that we draw with, and nothing else of it.
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, CustomChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export type EChartsOption = EChartsCoreOption;

/** Draws into an element and keeps to its width; what is returned takes it away again. */
export function draw(element: HTMLElement, option: EChartsOption): () => void {
  const chart = init(element, null, { renderer: "svg" });
  chart.setOption({ animation: false, ...option });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  return () => {
    observer.disconnect();
    chart.dispose();
  };
}
