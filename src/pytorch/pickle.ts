// Python's pickles, protocols 2 to 5, read as data: nothing is imported and nothing runs. A pickle is a program that names classes
// and functions; each name is looked up in an allow-list, which is all that a file can call.
// Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py
import type { FormatError } from "../core/errors.js";

/** A class or function of Python, by its name: `"collections.OrderedDict"`. */
export class PythonGlobal {
  constructor(readonly name: string) {}
}

/** What a class or function of Python that is not on the list would have made. */
export class PythonObject {
  /** Its attributes by name, or what else it was told; null where nothing. */
  state: PickleValue = null;

  constructor(
    /** `"__main__.Config"` */
    readonly type: string,
    readonly args: readonly PickleValue[],
  ) {}
}

/** An object that is its attributes by name: `argparse.Namespace`. */
export class Attributes extends Map<PickleValue, PickleValue> {}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | object
  | PickleValue[]
  | Map<PickleValue, PickleValue>;

export interface PickleReader {
  /** What a class or function makes of arguments. */
  call(name: string, args: readonly PickleValue[], at: number): PickleValue;
  /** Throws for a class or function that may not be named. */
  checkName(name: string, at: number): void;
  /** What stands outside of the pickle: PyTorch's storages. */
  persistent(id: PickleValue, at: number): PickleValue;
  fault(at: number, expected: string, got: string): FormatError;
}

const MARK = {};
const STOP = 0x2e;

type Step = (machine: Machine, at: number) => void;

/**
 * The value that a pickle stands for: dicts as Maps, tuples and lists as arrays, sets as Sets, bytes as Uint8Arrays.
 *
 * @throws FormatError
 */
export function readPickle(bytes: Uint8Array, reader: PickleReader): PickleValue {
  const machine = new Machine(bytes, reader);
  for (;;) {
    const at = machine.position;
    const code = machine.byte();
    if (code === STOP) return machine.pop();
    const step = STEPS.get(code);
    if (!step)
      throw reader.fault(at, "an opcode of pickle protocols 2 to 5", `0x${code.toString(16)}`);
    step(machine, at);
  }
}

class Machine {
  position = 0;
  readonly stack: PickleValue[] = [];
  readonly memo = new Map<number, PickleValue>();
  readonly #view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    readonly reader: PickleReader,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fault(expected: string, got: string): FormatError {
    return this.reader.fault(this.position, expected, got);
  }

  /** Where the next `count` bytes begin; they are passed over. */
  take(count: number): number {
    const at = this.position;
    if (!(at + count <= this.bytes.length))
      throw this.fault(`${count} more bytes of a pickle`, "its end");
    this.position = at + count;
    return at;
  }

  byte(): number {
    return this.bytes[this.take(1)]!;
  }

  uint16(): number {
    return this.#view.getUint16(this.take(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.take(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.take(4), true);
  }

  uint64(): number {
    return Number(this.#view.getBigUint64(this.take(8), true));
  }

  /** Big-endian, alone in pickles. */
  float64(): number {
    return this.#view.getFloat64(this.take(8));
  }

  raw(length: number): Uint8Array {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  text(length: number): string {
    return new TextDecoder().decode(this.raw(length));
  }

  latin1(length: number): string {
    return new TextDecoder("latin1").decode(this.raw(length));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw this.fault("a name that ends with its line", "the end of the pickle");
    const text = this.text(end - this.position);
    this.position++;
    return text;
  }

  /** A whole number of any length, little-endian, with its sign. */
  long(length: number): number | bigint {
    if (length > 1024) throw this.fault("a whole number of up to 1024 bytes", `${length}`);
    let value = 0n;
    const raw = this.raw(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(raw[i]!);
    const signed = length > 0 ? BigInt.asIntN(8 * length, value) : 0n;
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) throw this.fault("a value on the stack", "none");
    return value;
  }

  top(): PickleValue {
    const value = this.stack[this.stack.length - 1];
    if (value === undefined || value === MARK) throw this.fault("a value on the stack", "none");
    return value;
  }

  /** Everything from the last mark on. */
  fromMark(): PickleValue[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw this.fault("a mark on the stack", "none");
    const values = this.stack.splice(mark);
    values.shift();
    return values;
  }

  last(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.fault(`memo ${index}`, "none");
    this.push(value);
  }

  global(name: string, at: number): void {
    this.reader.checkName(name, at);
    this.push(new PythonGlobal(name));
  }

  /** What a class or function gives for arguments. */
  call(callee: PickleValue, args: PickleValue, at: number): void {
    if (!(callee instanceof PythonGlobal) || !Array.isArray(args))
      throw this.fault("a class or function and its arguments", "something else");
    this.push(this.reader.call(callee.name, args, at));
  }

  /** What `__setstate__` would do: an object keeps what it is told; attributes of dicts (`_metadata`) are left out. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof PythonObject) target.state = state;
    else if (target instanceof Attributes && state instanceof Map)
      for (const [name, value] of state as Attributes) target.set(name, value);
  }

  setItems(pairs: PickleValue[]): void {
    const target = this.top();
    if (target instanceof PythonObject) return;
    if (!(target instanceof Map) || pairs.length % 2 > 0)
      throw this.fault("a dict", "something else");
    for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i]!, pairs[i + 1]!);
  }

  append(values: PickleValue[]): void {
    const target = this.top();
    if (target instanceof PythonObject) return;
    if (!Array.isArray(target)) throw this.fault("a list", "something else");
    for (const value of values) target.push(value);
  }

  add(values: PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof Set)) throw this.fault("a set", "something else");
    for (const value of values) target.add(value);
  }
}

const STEPS: ReadonlyMap<number, Step> = new Map<number, Step>([
  [0x80, (m) => void m.byte()], // PROTO
  [0x95, (m) => void m.take(8)], // FRAME
  [0x28, (m) => m.push(MARK)],
  [0x30, (m) => void m.pop()], // POP
  [0x31, (m) => void m.fromMark()], // POP_MARK
  [0x32, (m) => m.push(m.top())], // DUP
  [0x4e, (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [0x4a, (m) => m.push(m.int32())], // BININT
  [0x4b, (m) => m.push(m.byte())], // BININT1
  [0x4d, (m) => m.push(m.uint16())], // BININT2
  [0x8a, (m) => m.push(m.long(m.byte()))], // LONG1
  [0x8b, (m) => m.push(m.long(m.uint32()))], // LONG4
  [0x47, (m) => m.push(m.float64())], // BINFLOAT
  [0x58, (m) => m.push(m.text(m.uint32()))], // BINUNICODE
  [0x8c, (m) => m.push(m.text(m.byte()))], // SHORT_BINUNICODE
  [0x8d, (m) => m.push(m.text(m.uint64()))], // BINUNICODE8
  [0x54, (m) => m.push(m.latin1(m.uint32()))], // BINSTRING
  [0x55, (m) => m.push(m.latin1(m.byte()))], // SHORT_BINSTRING
  [0x42, (m) => m.push(m.raw(m.uint32()))], // BINBYTES
  [0x43, (m) => m.push(m.raw(m.byte()))], // SHORT_BINBYTES
  [0x8e, (m) => m.push(m.raw(m.uint64()))], // BINBYTES8
  [0x96, (m) => m.push(m.raw(m.uint64()))], // BYTEARRAY8
  [0x7d, (m) => m.push(new Map())], // EMPTY_DICT
  [0x5d, (m) => m.push([])], // EMPTY_LIST
  [0x29, (m) => m.push([])], // EMPTY_TUPLE
  [0x8f, (m) => m.push(new Set())], // EMPTY_SET
  [0x74, (m) => m.push(m.fromMark())], // TUPLE
  [0x85, (m) => m.push(m.last(1))], // TUPLE1
  [0x86, (m) => m.push(m.last(2))], // TUPLE2
  [0x87, (m) => m.push(m.last(3))], // TUPLE3
  [0x6c, (m) => m.push(m.fromMark())], // LIST
  [
    0x64, // DICT
    (m) => {
      const pairs = m.fromMark();
      m.push(new Map());
      m.setItems(pairs);
    },
  ],
  [0x91, (m) => m.push(new Set(m.fromMark()))], // FROZENSET
  [0x73, (m) => m.setItems(m.last(2))], // SETITEM
  [0x75, (m) => m.setItems(m.fromMark())], // SETITEMS
  [0x61, (m) => m.append(m.last(1))], // APPEND
  [0x65, (m) => m.append(m.fromMark())], // APPENDS
  [0x90, (m) => m.add(m.fromMark())], // ADDITEMS
  [0x71, (m) => void m.memo.set(m.byte(), m.top())], // BINPUT
  [0x72, (m) => void m.memo.set(m.uint32(), m.top())], // LONG_BINPUT
  [0x94, (m) => void m.memo.set(m.memo.size, m.top())], // MEMOIZE
  [0x68, (m) => m.recall(m.byte())], // BINGET
  [0x6a, (m) => m.recall(m.uint32())], // LONG_BINGET
  [0x63, (m, at) => m.global(`${m.line()}.${m.line()}`, at)], // GLOBAL
  [
    0x93, // STACK_GLOBAL
    (m, at) => {
      const [module, name] = m.last(2);
      if (typeof module !== "string" || typeof name !== "string")
        throw m.fault("a class or function by its name", "something else");
      m.global(`${module}.${name}`, at);
    },
  ],
  [0x52, callTwo], // REDUCE
  [0x81, callTwo], // NEWOBJ
  [
    0x92, // NEWOBJ_EX
    (m, at) => {
      const [callee, args] = m.last(3);
      m.call(callee!, args!, at);
    },
  ],
  [0x62, (m) => m.build()], // BUILD
  [0x51, (m, at) => m.push(m.reader.persistent(m.pop(), at))], // BINPERSID
]);

function callTwo(machine: Machine, at: number): void {
  const [callee, args] = machine.last(2);
  machine.call(callee!, args!, at);
}
