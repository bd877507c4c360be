// What this engine's WebAssembly can do, by validating modules of one function each.
// `validate` works everywhere, also where compiling from bytes is forbidden.

const ZERO = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const DROP = 0x1a;
const RELAXED_MADD = [0xfd, 0x85, 0x02];

/** Whether the engine has WebAssembly with 128-bit SIMD. */
export function hasSimd(): boolean {
  return validates([...ZERO, DROP]);
}

/** Whether the engine has `f32x4.relaxed_madd`. */
export function hasRelaxedMadd(): boolean {
  return validates([...ZERO, ...ZERO, ...ZERO, ...RELAXED_MADD, DROP]);
}

function validates(body: number[]): boolean {
  if (typeof WebAssembly !== "object") return false;
  const length = body.length + 2;
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const type = [1, 4, 1, 0x60, 0, 0];
  const functions = [3, 2, 1, 0];
  const code = [0x0a, length + 2, 1, length, 0, ...body, 0x0b];
  return WebAssembly.validate(Uint8Array.from([...header, ...type, ...functions, ...code]));
}
