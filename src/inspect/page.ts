import { checkCall, checkKeys } from "../core/check.js";
import { checkRecord } from "../core/check-like.js";
import { escape, tag } from "./svg.js";

export interface PageSection {
  readonly heading?: string | undefined;
  /** Paragraphs. */
  readonly text?: string | readonly string[] | undefined;
  /** A chart of this folder: markup, taken as it is. */
  readonly figure?: string | undefined;
}

const STYLE = `:root{color-scheme:light dark}
body{margin:0 auto;padding:32px 20px 64px;max-width:820px;font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
background:#f4f6f8;color:#1c2126}
h1{font-size:26px;line-height:1.25;margin:0 0 8px}h2{font-size:19px;margin:36px 0 4px}p{margin:8px 0;max-width:66ch}
figure{margin:14px 0;overflow-x:auto}
@media(prefers-color-scheme:dark){body{background:#0d0f12;color:#e8ebee}}`;

/**
 * A self-contained HTML page of charts and words: no script, nothing to load.
 *
 * @example
 * ```ts
 * const page = htmlPage("A run", [{ heading: "Loss", figure: trainingCurve({ train: [2, 1] }) }]);
 * page.startsWith("<!doctype html>"); // true
 * ```
 */
export function htmlPage(title: string, sections: readonly PageSection[]): string {
  const op = "htmlPage";
  checkCall(op, arguments, "title:string sections:list");
  for (const section of sections) {
    checkRecord(op, "sections as objects", section);
    checkKeys(op, section, "heading:string text:string|list figure:string");
    for (const paragraph of [section.text ?? []].flat())
      checkCall(op, [paragraph], "paragraph:string");
  }
  const body = sections.map(({ heading, text = [], figure }) =>
    [
      heading ? tag("h2", {}, escape(heading)) : "",
      ...[text].flat().map((paragraph) => tag("p", {}, escape(paragraph))),
      figure ? tag("figure", {}, figure) : "",
    ].join("\n"),
  );
  return pageOf(title, STYLE, [tag("h1", {}, escape(title)), ...body]);
}

/** @internal A whole page: what stands around the elements of its body. */
export function pageOf(title: string, style: string, body: readonly string[]): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    tag("title", {}, escape(title)),
    `<style>${style}</style>`,
    ...body,
    "</html>",
    "",
  ].join("\n");
}
