import { mulAdd } from "./madd";
import { constant, select } from "./lanes";

const TURN = memory.data<f32>([
  2.3283064365386963e-10, // 0: 2^-32
  -75.39149475097656, // 1 to 4: sin(2π r) / r in r², minimax
  81.59231567382812,
  -41.34165954589844,
  6.2831854820251465,
  59.22760009765625, // 5 to 9: cos(2π r) in r², minimax
  -85.44319152832031,
  64.93932342529297,
  -19.739208221435547,
  1.0,
]);

/**
 * sin(2π · w / 2^32) for unsigned 32-bit words w, within 1.2e-7 absolute. The cosine is the sine of
 * w + 2^30: angles as words wrap exactly, so no argument reduction loses anything.
 */
// @ts-ignore: decorator
@inline
export function vsinTurn(words: v128): v128 {
  // w = quarter · 2^30 + rest, with the rest at most an eighth of a turn to either side.
  const quarter = i32x4.shr_u(i32x4.add(words, i32x4.splat(0x20000000)), 30);
  const rest = i32x4.sub(words, i32x4.shl(quarter, 30));
  const r = f32x4.mul(f32x4.convert_i32x4_s(rest), constant(TURN, 0));
  const square = f32x4.mul(r, r);

  let sine = mulAdd(square, constant(TURN, 1), constant(TURN, 2));
  sine = mulAdd(sine, square, constant(TURN, 3));
  sine = mulAdd(sine, square, constant(TURN, 4));
  sine = f32x4.mul(sine, r);

  let cosine = mulAdd(square, constant(TURN, 5), constant(TURN, 6));
  cosine = mulAdd(cosine, square, constant(TURN, 7));
  cosine = mulAdd(cosine, square, constant(TURN, 8));
  cosine = mulAdd(cosine, square, constant(TURN, 9));

  const odd = i32x4.ne(v128.and(quarter, i32x4.splat(1)), i32x4.splat(0));
  const sign = i32x4.shl(i32x4.shr_u(quarter, 1), 31);
  return v128.xor(select(odd, cosine, sine), sign);
}
