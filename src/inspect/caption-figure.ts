// A caption over its picture: for each word, what the model looked at as it wrote it.
import { checkCall, checkKeys, type Given } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { Fingerprint } from "../core/fingerprint.js";
import { encodePNG } from "../io/png.js";
import { visible } from "./heat-map.js";
import {
  escape,
  figure,
  FIGURE,
  headHeight,
  tag,
  text,
  widthOf,
  type FigureOptions,
} from "./svg.js";

/** What a captioner's `predict` gives with `attention: true`. */
export interface AttentionOverImage {
  /** What was written, token by token. */
  readonly tokens: readonly string[];
  /** The picture as the model saw it. */
  readonly image: {
    readonly data: Uint8Array;
    readonly width: number;
    readonly height: number;
  };
  readonly rows: number;
  readonly columns: number;
  /** `[tokens, rows, columns]` */
  readonly weights: ArrayLike<number>;
}

/** The shorter side of a picture in the figure at the least, and the longer at the most. */
const [LEAST_SIDE, MOST_SIDE] = [72, 176];
const GAP = 14;
/** Room for a word below its picture. */
const WORD = 24;
const WIDTH = 780;
/** How much of what was not looked at is covered, and by what: a gray that is seen on dark and light pictures. */
const [MOST_COVERED, FOG] = [0.85, "#8a8f96"];

/**
 * The picture, then once more for each token that was written, gray where the model did not look (Xu et al. 2015): an SVG
 * document as text. The place with a token's largest weight is as clear as in the picture, the others by their share of it; a pointer
 * that rests on a place is told the weight.
 *
 * @example
 * ```ts
 * const image = { data: Uint8Array.of(0, 255, 255, 0), width: 2, height: 2 };
 * const weights = [0.7, 0.1, 0.1, 0.1];
 * const svg = captionFigure({ tokens: ["dark"], image, rows: 2, columns: 2, weights });
 * svg.startsWith("<svg"); // true
 * ```
 */
export function captionFigure(
  attention: AttentionOverImage,
  given: Given<FigureOptions> = {},
): string {
  const op = "captionFigure";
  checkCall(op, arguments, `attention:object {${FIGURE}}`);
  checkKeys(op, attention, "tokens!:list image!:object rows!:number columns!:number weights!:list");
  const { tokens, image, rows, columns, weights } = attention;
  for (const token of tokens) checkCall(op, [token], "token:string");
  const places = rows * columns;
  if (weights.length !== tokens.length * places)
    throw new ShapeError({
      op,
      expected: `${tokens.length} · ${rows} · ${columns} weights`,
      got: String(weights.length),
    });
  const { title = tokens.join(" "), ...rest } = given;
  const options = { ...rest, title };
  const { wide, tall } = shownSize(image);
  const names = tokens.map(visible);
  const cell = Math.max(wide, ...names.map((name) => widthOf(name))) + GAP;
  const across = Math.max(1, Math.min(tokens.length + 1, Math.floor((WIDTH - 32) / cell)));
  const line = tall + WORD + GAP;
  const top = headHeight(options) + 8;
  const id = idOf(attention);

  const shown = [undefined, ...tokens].map((_, i) => {
    const x = 16 + (i % across) * cell + (cell - GAP - wide) / 2;
    const y = top + Math.floor(i / across) * line;
    const name = i === 0 ? "" : names[i - 1]!;
    return [
      tag("use", { href: `#${id}`, x, y }),
      i === 0
        ? ""
        : fog(attention, i - 1, `translate(${x} ${y}) scale(${wide / columns} ${tall / rows})`),
      tag("rect", { class: "grid", fill: "none", x, y, width: wide, height: tall }),
      name === ""
        ? ""
        : text(name, x + wide / 2, y + tall + 16, { anchor: "middle", class: "ink" }),
    ].join("");
  });
  const picture = tag("image", {
    id,
    href: `data:image/png;base64,${base64(encodePNG(image))}`,
    width: wide,
    height: tall,
    preserveAspectRatio: "none",
    style: wide > image.width ? "image-rendering:pixelated" : undefined,
  });
  const lines = Math.ceil((tokens.length + 1) / across);
  const width = Math.max(32 + across * cell, 40 + widthOf(title, 15));
  return figure(options, width, top + lines * line + 8, tag("defs", {}, picture), ...shown);
}

/** The size of a picture on the page: as it is, unless it is small or large. */
function shownSize({ width, height }: AttentionOverImage["image"]): { wide: number; tall: number } {
  const larger = Math.max(1, LEAST_SIDE / Math.min(width, height));
  const scale = Math.min(larger, MOST_SIDE / Math.max(width, height));
  return { wide: Math.round(width * scale), tall: Math.round(height * scale) };
}

/** What lies over the places that a token looked at less. */
function fog(
  { tokens, rows, columns, weights }: AttentionOverImage,
  token: number,
  transform: string,
): string {
  const places = rows * columns;
  const own = Array.from({ length: places }, (_, i) => weights[token * places + i]!);
  const most = own.reduce((a, b) => Math.max(a, b), 0) || 1;
  const cells = own.map((weight, i) =>
    tag(
      "rect",
      {
        ...{ x: i % columns, y: Math.floor(i / columns), width: 1, height: 1 },
        "fill-opacity": MOST_COVERED * (1 - weight / most),
      },
      tag("title", {}, escape(`${visible(tokens[token]!)}: ${weight.toFixed(3)}`)),
    ),
  );
  return tag("g", { transform, fill: FOG, "shape-rendering": "crispEdges" }, ...cells);
}

/** One name for one picture: figures of a page do not get into each other's way. */
function idOf({ image }: AttentionOverImage): string {
  const print = new Fingerprint();
  print.addData(image.data);
  return `picture-${String(print).replace(/\W+/g, "-")}-${image.width}`;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
