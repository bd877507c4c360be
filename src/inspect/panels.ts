// Heat maps over one time, one below the other.
import { heatMapParts, type HeatMapOptions } from "./heat-map.js";
import { figure, headHeight, tag, text, type FigureOptions } from "./svg.js";

/** A figure of heat maps whose columns stand below each other. */
export function panelFigure(head: FigureOptions, maps: readonly HeatMapOptions[]): string {
  const panels = maps.map((options) => ({ title: options.title, ...heatMapParts(options) }));
  const left = Math.max(...panels.map((each) => each.left));
  let top = headHeight(head) + 4;
  const body = panels.map((each) => {
    const transform = `translate(${left - each.left} ${top})`;
    top += each.height + 6;
    return tag("g", { transform }, text(each.title, each.left, 25, { class: "ink" }), ...each.body);
  });
  const width = Math.max(...panels.map((each) => each.width + left - each.left));
  return figure(head, width, top + 8, ...body);
}
