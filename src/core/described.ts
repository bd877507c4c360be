import { quoted } from "./code-points.js";

/** What came in place of an argument, for an error: less than a line, whatever it is; texts in quotes. */
export function described(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (Object(value) !== value) return String(value);
  // The inference build says less.
  if (!TRAINING) return Object.prototype.toString.call(value).slice(8, -1);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${few(value, inner)}]`;
  if (isPlain(value)) return `{ ${few(Object.keys(value), String)} }`;
  const { shape, length, constructor } = value as {
    shape?: unknown;
    length?: number | undefined;
    constructor?: unknown;
  };
  if (Array.isArray(shape)) return `a tensor of shape [${few(shape, String)}]`;
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (length !== undefined) return `${kind} of ${length}`;
  const named = kind === "Object" && typeof constructor === "function" && constructor.name;
  return `an object (${named || kind})`;
}

/** Whether it is an object as `{}` writes it, also of another realm: with a prototype that has none itself, or none. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return Object(value) === value && !Object.getPrototypeOf(Object.getPrototypeOf(value) ?? value);
}

function inner(value: unknown): string {
  return Array.isArray(value) ? "[…]" : described(value);
}

function few<T>(values: readonly T[], shown: (value: T) => string): string {
  return values.slice(0, 6).map(shown).join(", ") + (values.length > 6 ? ", …" : "");
}
