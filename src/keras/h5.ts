// HDF5 files by jsfive: groups, attributes and arrays by their paths. Whatever it throws is a FormatError here; h5-guard.ts bounds what
// it reads.
import type { Dataset, Group } from "jsfive";
import { byteFaults } from "../core/byte-fault.js";
import { quoted } from "../core/code-points.js";
import { FormatError } from "../core/errors.js";
import { sizeOf } from "../core/shape.js";
import { openH5, valuesOf } from "./h5-guard.js";
import type { NamedArray } from "./weights.js";

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** Keras nests a few groups a layer; a file whose groups hold each other would never end. */
const MOST_DEPTH = 24;
const MOST_OBJECTS = 100_000;
const DAMAGED = "The file is damaged, or of a kind of HDF5 that is not read: save it again.";

export function isH5(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/** jsfive's arrays are Arrays. */
function isGroup(object: Group | Dataset): object is Group {
  return !Array.isArray(object);
}

export class H5File {
  readonly #root: Group;
  /** What was found by its path: jsfive reads a group anew each time. */
  readonly #found = new Map<string, Group | Dataset>();
  readonly #bytes: number;

  constructor(
    bytes: Uint8Array,
    private readonly op: string,
    private readonly name: string,
  ) {
    this.#bytes = bytes.length;
    this.#root = this.#guarded("the file", () => openH5(bytes, name));
  }

  fault(expected: string, got: string, cure?: string): FormatError {
    return byteFaults(this.op)(this.name, 0, expected, got, cure);
  }

  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  /** Names in a group, in the order of the file; none where there is no such group. */
  keys(path: string): string[] {
    const found = this.#find(path);
    return found && isGroup(found) ? this.#guarded(path, () => found.keys) : [];
  }

  /** A text or a list of texts; undefined where there is none. */
  attribute(path: string, name: string): string | string[] | undefined {
    const found = this.#find(path);
    const value: unknown = found && this.#guarded(path, () => found.attrs[name]);
    // Texts of a fixed length are filled up with zeros.
    const clean = (text: string) => text.replace(/\0+$/, "");
    if (typeof value === "string") return clean(value);
    return Array.isArray(value) && value.every((each) => typeof each === "string")
      ? value.map(clean)
      : undefined;
  }

  /** A list of texts, also where Keras cut it into `name0`, `name1`, … for its size. */
  list(path: string, name: string): string[] | undefined {
    const whole = this.attribute(path, name);
    if (whole !== undefined) return typeof whole === "string" ? [whole] : whole;
    const parts: string[] = [];
    for (let i = 0; ; i++) {
      const part = this.attribute(path, `${name}${i}`);
      if (part === undefined) return i > 0 ? parts : undefined;
      parts.push(...(typeof part === "string" ? [part] : part));
    }
  }

  /** An array of numbers. */
  array(path: string): NamedArray {
    const found = this.#find(path);
    if (!found || isGroup(found)) throw this.fault(`an array at ${quoted(path)}`, "none", DAMAGED);
    return this.#guarded(path, () => {
      const shape = found.shape.map(Number);
      const type: unknown = found.dtype;
      const bytes = /^[<>=|]?[fiu]([1248])$/.exec(String(type))?.[1];
      if (bytes === undefined) throw this.fault(`numbers at ${quoted(path)}`, String(type));
      const data = Float32Array.from(valuesOf(found, Number(bytes), this.#bytes));
      if (data.length !== sizeOf(shape))
        throw this.fault(`${sizeOf(shape)} numbers at ${quoted(path)}`, `${data.length}`);
      return { name: path, shape, data };
    });
  }

  /** Paths of all arrays below a group. */
  arrays(path: string): string[] {
    const found: string[] = [];
    let objects = 0;
    const walk = (at: string, depth: number): void => {
      if (depth > MOST_DEPTH || objects++ > MOST_OBJECTS)
        throw this.fault("groups within each other", "a circle of them", DAMAGED);
      const object = this.#find(at);
      if (object && isGroup(object))
        for (const key of this.keys(at)) walk(at === "" ? key : `${at}/${key}`, depth + 1);
      else if (object) found.push(at);
    };
    walk(path, 0);
    return found;
  }

  /** A group or an array; undefined where there is none. */
  #find(path: string): Group | Dataset | undefined {
    if (path === "") return this.#root;
    const known = this.#found.get(path);
    if (known) return known;
    const slash = path.lastIndexOf("/");
    const parent = this.#find(path.slice(0, Math.max(0, slash)));
    if (!parent || !isGroup(parent)) return undefined;
    const name = path.slice(slash + 1);
    if (!this.#guarded(path, () => parent.keys.includes(name))) return undefined;
    const found = this.#guarded(path, () => parent.get(name));
    if (found) this.#found.set(path, found);
    return found ?? undefined;
  }

  /** jsfive throws texts and TypeErrors. */
  #guarded<T>(what: string, run: () => T): T {
    try {
      return run();
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      const fault = this.fault(
        "an HDF5 file",
        `one that cannot be read at ${quoted(what)}: ${cause instanceof Error ? cause.message : String(cause)}`,
        DAMAGED,
      );
      fault.cause = cause;
      throw fault;
    }
  }
}
