// Arithmetic on the host: of shapes, indices and conditions.
import { broadcastShapes, sizeOf, type Shape } from "../../core/shape.js";
import { isFloat, TYPES, type ElementType } from "../types.js";
import { hostOf, type Host } from "../value.js";

/** Whole numbers as their type holds them: those that are too large wrap round; floats as float32. */
export function stored(type: ElementType, x: number): number {
  if (isFloat(type)) return Math.fround(x);
  if (type === "bool") return x === 0 ? 0 : 1;
  const whole = Math.trunc(x);
  const [least, greatest] = TYPES[type].range!;
  if (whole >= least && whole <= greatest) return whole;
  if (!Number.isFinite(whole)) return whole > 0 ? greatest : least;
  const count = greatest - least + 1;
  // Beyond 2^53 numbers are not exact: there the ends of the range are meant.
  if (count > Number.MAX_SAFE_INTEGER) return whole > 0 ? greatest : least;
  return whole - count * Math.floor((whole - least) / count);
}

/** f of each number. */
export function mapHost(x: Host, type: ElementType, f: (x: number) => number): Host {
  const out = hostOf("map", type, x.shape);
  for (let i = 0; i < x.size; i++) out.data[i] = stored(type, f(x.data[i]!));
  return out.done();
}

/** f of each pair of numbers, broadcasting. */
export function zipHosts(
  op: string,
  a: Host,
  b: Host,
  type: ElementType,
  f: (a: number, b: number) => number,
): Host {
  const shape = broadcastShapes(op, a.shape, b.shape);
  const out = hostOf(op, type, shape);
  const [from, to] = [broadcastMap(a.shape, shape), broadcastMap(b.shape, shape)];
  for (let i = 0; i < out.data.length; i++)
    out.data[i] = stored(type, f(a.data[from(i)]!, b.data[to(i)]!));
  return out.done();
}

/** Where an element of a shape is in one that broadcasts to it. */
export function broadcastMap(from: Shape, to: Shape): (i: number) => number {
  if (sizeOf(from) === 1) return () => 0;
  if (sizeOf(from) === sizeOf(to)) return (i) => i;
  const strides = stridesWithin(from, to);
  return (i) => {
    let place = 0;
    let rest = i;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const size = to[axis]!;
      place += (rest % size) * strides[axis]!;
      rest = Math.floor(rest / size);
    }
    return place;
  };
}

function stridesWithin(from: Shape, to: Shape): number[] {
  const strides = new Array<number>(to.length).fill(0);
  let stride = 1;
  for (let axis = from.length - 1; axis >= 0; axis--) {
    if (from[axis] !== 1) strides[axis + to.length - from.length] = stride;
    stride *= from[axis]!;
  }
  return strides;
}

/** Half goes to the even number, as IEEE 754 has it. */
export function roundEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
