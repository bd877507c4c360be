// A built module in which every store reports where it writes. Bytes that are written as they were are invisible to
// canaries, yet two threads on neighbouring rows would lose each other's writes by them.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { root } from "../../scripts/package-entries.mjs";

const asc = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");
// It comes with the compiler.
const binaryen = join(dirname(createRequire(asc).resolve("binaryen/package.json")), "bin");
const folder = join(root, "build/watched");

/** An instruction that writes, with its lane, offset and alignment. */
const STORE =
  /\((v128\.store(?:\d+_lane)?|[if]\d+\.store\d*|memory\.(?:fill|copy|init))((?: [a-z]+=\d+| \d+)*)(?=\s)/g;
const BYTES = { v128: 16, i32: 4, f32: 4, i64: 8, f64: 8 };

/** The module with an import `env.stored(from, bytes)` that is called before each store. */
export function watched(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // Made once for each content: it takes a second or two.
  return made(bytes, "wasm", (own) => {
    writeFileSync(`${own}.in.wasm`, bytes);
    run("wasm-dis", `${own}.in.wasm`, "-o", `${own}.wat`);
    writeFileSync(`${own}.wat`, withReports(readFileSync(`${own}.wat`, "utf8")));
  });
}

/** A module from its text. */
export function assembled(text: string): Uint8Array<ArrayBuffer> {
  return made(text, "wat", (own) => writeFileSync(`${own}.wat`, text));
}

/** What wasm-as makes of the text that `write` leaves in `<own>.wat`. */
function made(
  source: string | Uint8Array,
  form: string,
  write: (own: string) => void,
): Uint8Array<ArrayBuffer> {
  const rules = STORE.source + withReports.toString() + reporting.toString();
  const name = createHash("sha256").update(source).update(form).update(rules).digest("hex");
  const file = join(folder, `${name.slice(0, 16)}.wasm`);
  if (!existsSync(file)) {
    const own = `${file}.${process.pid}`;
    mkdirSync(folder, { recursive: true });
    write(own);
    run("wasm-as", `${own}.wat`, "-o", `${own}.wasm`);
    // Other test files may make it at the same time.
    renameSync(`${own}.wasm`, file);
    for (const kind of ["in.wasm", "wat"]) rmSync(`${own}.${kind}`, { force: true });
  }
  return new Uint8Array(readFileSync(file));
}

function run(tool: string, ...args: string[]): void {
  execFileSync(process.execPath, [join(binaryen, tool), "--all-features", ...args]);
}

/** Each kind of store becomes a function that reports, then stores. */
function withReports(text: string): string {
  const functions = new Map<string, string>();
  const body = text.replace(STORE, (head, instruction: string, immediates: string) => {
    const name = `$${head.slice(1).replaceAll(/[ =.]/g, "_")}_watched`;
    functions.set(name, reporting(name, instruction, immediates));
    return `(call ${name}`;
  });
  const [start, rest] = splitAt(body, body.indexOf("(import "));
  return (
    start +
    '(import "env" "stored" (func $stored (param i32 i32)))\n ' +
    rest.replace(/\)\s*$/, `\n${[...functions.values()].join("\n")})\n`)
  );
}

function splitAt(text: string, at: number): [string, string] {
  return [text.slice(0, at), text.slice(at)];
}

function reporting(name: string, instruction: string, immediates: string): string {
  const [type, kind] = instruction.split(".") as [keyof typeof BYTES, string];
  if (instruction === "memory.init") throw new Error("a kernel initializes memory from a segment");
  const isRange = instruction.startsWith("memory.");
  const size = isRange ? "(local.get 2)" : `(i32.const ${bytesOf(type, kind)})`;
  const offset = Number(/offset=(\d+)/.exec(immediates)?.[1] ?? 0);
  const parameters = isRange ? "i32 i32 i32" : `i32 ${type}`;
  const operands = [0, 1, ...(isRange ? [2] : [])].map((i) => `(local.get ${i})`).join(" ");
  return `(func ${name} (param ${parameters})
    (call $stored (i32.add (local.get 0) (i32.const ${offset})) ${size})
    (${instruction}${immediates} ${operands}))`;
}

/** Of `store`, `store8`, `store32_lane`. */
function bytesOf(type: keyof typeof BYTES, kind: string): number {
  const bits = Number(/\d+/.exec(kind)?.[0] ?? 0);
  return bits ? bits / 8 : BYTES[type];
}
