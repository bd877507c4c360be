// The element types of ONNX, by their numbers in the file, and what each becomes here.

/** An element type by ONNX's name for it. */
export type ElementType =
  | "float"
  | "double"
  | "float16"
  | "bfloat16"
  | "int4"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint4"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "bool";

/** How an element type is stored, and the whole numbers that it holds. */
interface TypeRecord {
  readonly number: number;
  /** Bits of an element in raw data. */
  readonly bits: number;
  /** The least and the greatest, of a type of whole numbers. */
  readonly range?: readonly [number, number] | undefined;
}

const whole = (number: number, bits: number, signed: boolean): TypeRecord => {
  let count = 1;
  for (let i = 0; i < bits; i++) count *= 2;
  return { number, bits, range: signed ? [-count / 2, count / 2 - 1] : [0, count - 1] };
};

export const TYPES: Readonly<Record<ElementType, TypeRecord>> = {
  float: { number: 1, bits: 32 },
  double: { number: 11, bits: 64 },
  float16: { number: 10, bits: 16 },
  bfloat16: { number: 16, bits: 16 },
  int4: /* @__PURE__ */ whole(22, 4, true),
  int8: /* @__PURE__ */ whole(3, 8, true),
  int16: /* @__PURE__ */ whole(5, 16, true),
  int32: /* @__PURE__ */ whole(6, 32, true),
  int64: /* @__PURE__ */ whole(7, 64, true),
  uint4: /* @__PURE__ */ whole(21, 4, false),
  uint8: /* @__PURE__ */ whole(2, 8, false),
  uint16: /* @__PURE__ */ whole(4, 16, false),
  uint32: /* @__PURE__ */ whole(12, 32, false),
  uint64: /* @__PURE__ */ whole(13, 64, false),
  bool: { number: 9, bits: 8, range: [0, 1] },
};

/** The type of a number, where it is one that can be read. */
export function typeOf(number: number): ElementType | undefined {
  return (Object.keys(TYPES) as ElementType[]).find((name) => TYPES[name].number === number);
}

/** What a type that cannot be read is called in errors. */
export function describedType(number: number): string {
  return { 0: "none", 8: "string", 14: "complex64", 15: "complex128" }[number] ?? `type ${number}`;
}

/** Whether its numbers are computed as float32: all the floats. */
export function isFloat(type: ElementType): boolean {
  return TYPES[type].range === undefined;
}
