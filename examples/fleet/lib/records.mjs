// A line of a file as what a model takes.

/** @type {Record<string, string>} */
export const FORMATS = {
  text: "a line is a text",
  jsonl: "a line is JSON: an input, or an object with one in --field",
};

/**
 * A function from the bytes of a line to `{ input }`, or to `{ reason }` where the line cannot be read.
 *
 * @param {{ format: string, field?: string }} options
 * @returns {(line: Buffer | null, first: boolean) => { input?: any, reason?: string }}
 */
export function recordReader({ format, field }) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (bytes, first) => {
    if (bytes === null) return { reason: "expected a line of at most 1 MiB, got a longer one" };
    let text;
    try {
      text = decoder.decode(bytes);
    } catch {
      return { reason: "expected UTF-8, got other bytes" };
    }
    if (first && text.startsWith("\ufeff")) text = text.slice(1);
    if (text.endsWith("\r")) text = text.slice(0, -1);
    if (format === "text") return { input: text };
    let value;
    try {
      value = JSON.parse(text);
    } catch {
      return { reason: `expected JSON, got ${shortened(text)}` };
    }
    if (field === undefined) return { input: value };
    if (value === null || typeof value !== "object" || !(field in value))
      return { reason: `expected an object with "${field}", got ${shortened(text)}` };
    return { input: value[field] };
  };
}

function shortened(text) {
  if (text === "") return "an empty line";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
