// The small part of SVG that the charts need: no script, no font, no reference to anything outside.

export interface FigureOptions {
  /** Stands above the figure, and is what a screen reader says first. */
  title: string;
  /** A sentence below the title, and a screen reader's description. */
  description?: string | undefined;
}

/** The options above, for `checkCall`, where the title has a default. */
export const FIGURE = "title:string description:string";

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Text as it may stand between tags and in attributes. Control characters, which XML forbids, are dropped. */
export function escape(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
      .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
  );
}

/** An element; children are markup. Numbers are rounded to hundredths of a pixel. */
export function tag(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? px(value) : escape(value!)}"`);
  const inside = children.join("");
  return inside ? `<${name}${given.join("")}>${inside}</${name}>` : `<${name}${given.join("")}/>`;
}

export function text(
  content: string,
  x: number,
  y: number,
  attributes: Attributes & { anchor?: "middle" | "end" | undefined } = {},
): string {
  const { anchor, ...rest } = attributes;
  return tag("text", { x, y, "text-anchor": anchor, ...rest }, escape(content));
}

export function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** About how wide a text of a font size is. */
export function widthOf(content: string, fontSize = 12): number {
  return [...content].length * fontSize * 0.58;
}

/** Room that a title, and a description, take above the figure. */
export function headHeight({ description }: FigureOptions): number {
  return description ? 58 : 38;
}

/** Colours of series, told apart by the colour-blind too, and dashes, for print. */
export const SERIES = 6;
const DASHES = ["", "7 3", "2 3", "10 3 2 3", "4 4", "1 4"];
const LIGHT = ["#1f5fbf", "#c2530a", "#1a7f4b", "#8a3fb0", "#a8323e", "#52606d"];
const DARK = ["#79b0ff", "#ff9f5a", "#5fd394", "#cf9bf0", "#ff8a94", "#a9b6c2"];

export function dashOf(series: number): string | undefined {
  return DASHES[series % SERIES] || undefined;
}

const colours = (list: readonly string[]): string =>
  list.map((colour, i) => `--s${i}:${colour}`).join(";");

// Custom properties on the figure itself: several figures on one page do not get into each other's way.
const STYLE = `
.hs{--paper:#fff;--ink:#1c2126;--soft:#5d6975;--grid:#e2e6ea;${colours(LIGHT)}}
@media(prefers-color-scheme:dark){.hs{--paper:#15181c;--ink:#e8ebee;--soft:#9aa5b1;--grid:#2c333a;${colours(DARK)}}}
.hs{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;max-width:100%;height:auto}
.hs text{fill:var(--soft)}.hs .title{fill:var(--ink);font-size:15px;font-weight:600}
.hs .ink{fill:var(--ink)}.hs .paper{fill:var(--paper)}.hs .mono{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.hs .grid{stroke:var(--grid)}.hs .axis{stroke:var(--soft)}
.hs .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
${Array.from({ length: SERIES }, (_, i) => `.hs .f${i}{fill:var(--s${i})}.hs .l${i}{stroke:var(--s${i})}`).join("")}
`.replaceAll("\n", "");

/** A whole figure: an SVG document that stands alone or in a page, in light and dark. */
export function figure(
  { title, description }: FigureOptions,
  width: number,
  height: number,
  ...body: readonly string[]
): string {
  return tag(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "hs",
      role: "img",
      viewBox: `0 0 ${px(width)} ${px(height)}`,
      width: px(width),
      height: px(height),
    },
    tag("title", {}, escape(title)),
    description ? tag("desc", {}, escape(description)) : "",
    tag("style", {}, STYLE),
    tag("rect", { class: "paper", width: "100%", height: "100%", rx: 6 }),
    text(title, 16, 25, { class: "title" }),
    description ? text(description, 16, 44) : "",
    ...body,
  );
}
