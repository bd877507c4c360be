import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { linearAxis, logAxis, shortNumber } from "./axis.js";
import { figure, headHeight, tag, text, widthOf, type FigureOptions } from "./svg.js";

export interface BarChartOptions extends FigureOptions {
  /** Not negative; what is not finite is named without a bar. */
  bars: readonly { readonly label: string; readonly value: number }[];
  /** What the values are. */
  x?: string | undefined;
  /** Powers of ten on the value axis. Default false. */
  logScale?: boolean | undefined;
  /** Default 760. */
  width?: number | undefined;
}

const ROW = 22;

/** A bar for each name, with its value: gradient norms by parameter. An SVG document as text. */
export function barChart(options: BarChartOptions): string {
  const op = "barChart";
  checkCall(
    op,
    arguments,
    "{title!:string description:string bars!:list x:string logScale:boolean width:number}",
  );
  const { bars, x = "", logScale = false, width = 760 } = options;
  if (bars.length === 0) throw new OptionError({ op, expected: "at least one bar", got: "none" });
  for (const bar of bars) {
    const { label, value } = Object(bar) as Partial<typeof bar>;
    checkCall(op, [label, value], "label:string value:number");
  }
  const values = bars.map(({ value }) => value);
  const axis = logScale ? logAxis(values) : linearAxis([0, ...values]);
  const left = 28 + Math.max(...bars.map(({ label }) => widthOf(label)));
  const right = width - 80;
  const top = headHeight(options) + 4;
  const bottom = top + bars.length * ROW + 4;
  const place = (value: number) => left + axis.place(value) * (right - left);
  const marks = axis.ticks.map(
    ({ at, label }) =>
      tag("line", { class: "grid", x1: place(at), x2: place(at), y1: top, y2: bottom }) +
      text(label, place(at), bottom + 16, { anchor: "middle" }),
  );
  const rows = bars.map(({ label, value }, i) => {
    const y = top + 4 + i * ROW;
    const length = Math.max(0, place(value) - left) || 0;
    return (
      text(label, left - 8, y + 13, { anchor: "end", class: "ink" }) +
      tag("rect", { class: "f0", x: left, y: y + 2, width: length, height: ROW - 7, rx: 2 }) +
      text(shortNumber(value), left + length + 6, y + 13)
    );
  });
  return figure(
    options,
    width,
    bottom + (x ? 42 : 28),
    ...marks,
    ...rows,
    tag("line", { class: "axis", x1: left, x2: left, y1: top, y2: bottom }),
    x ? text(x, (left + right) / 2, bottom + 34, { anchor: "middle" }) : "",
  );
}
