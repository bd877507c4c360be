// Protocol buffers by a schema: what the file claims is checked against the bytes that there are before it is believed.
import { PbfReader } from "pbf";
import { FormatError } from "../../core/errors.js";
import { MODEL, type FieldSchema, type MessageSchema, type ModelProto } from "./messages.js";

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Graphs within graphs: nobody's model goes as deep. */
const DEEPEST = 64;

type Message = Record<string, unknown>;

/**
 * Reads a model. Bytes and numbers of tensors are views on the file.
 *
 * @throws FormatError with the byte and the message for what is no such file, or is cut off
 */
export function readModelProto(bytes: Uint8Array): ModelProto {
  if (bytes.length === 0) throw fault(0, "ModelProto", "an ONNX model", "no bytes");
  return read(new PbfReader(bytes), MODEL, bytes.length, 0) as unknown as ModelProto;
}

function read(reader: PbfReader, schema: MessageSchema, end: number, depth: number): Message {
  const message: Message = {};
  if (depth > DEEPEST)
    throw fault(reader.pos, schema.name, `at most ${DEEPEST} messages in each other`, "more");
  for (const { name, kind, repeated } of Object.values(schema.fields))
    if (repeated) message[name] = [];
    else if (kind === "string") message[name] = "";
    else if (kind === "bytes" && name === "s") message[name] = EMPTY;
    else if ((kind === "int" && name !== "dimValue") || kind === "float") message[name] = 0;
  while (reader.pos < end) {
    const start = reader.pos;
    const tag = varint(reader, schema, end);
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    const field = Object.hasOwn(schema.fields, number) ? schema.fields[number] : undefined;
    if (number === 0) throw fault(start, schema.name, "a field's number", "0");
    const value = field
      ? valueOf(reader, schema, field, wire, end, depth)
      : skipped(reader, schema, wire, end);
    if (!field) continue;
    if (field.repeated) (message[field.name] as unknown[]).push(value);
    else message[field.name] = value;
  }
  return message;
}

const EMPTY = new Uint8Array(0);

function valueOf(
  reader: PbfReader,
  schema: MessageSchema,
  { name, kind }: FieldSchema,
  wire: number,
  end: number,
  depth: number,
): unknown {
  const expect = (right: number): void => {
    if (wire !== right)
      throw fault(reader.pos, schema.name, `wire type ${right} for ${name}`, `${wire}`);
  };
  if (kind === "int") {
    expect(VARINT);
    return varint(reader, schema, end, true);
  }
  if (kind === "float") {
    expect(FIXED32);
    room(reader, schema, 4, end);
    return reader.readFloat();
  }
  if (typeof kind === "object" && "numbers" in kind && wire !== BYTES) {
    // Not packed: one number.
    expect({ varint: VARINT, float: FIXED32, double: FIXED64 }[kind.numbers]);
    const start = reader.pos;
    skipped(reader, schema, wire, end);
    return reader.buf.subarray(start, reader.pos);
  }
  expect(BYTES);
  const length = varint(reader, schema, end);
  room(reader, schema, length, end);
  const start = reader.pos;
  const view = reader.buf.subarray(start, start + length);
  if (typeof kind === "object" && "message" in kind)
    return read(reader, kind.message, start + length, depth + 1);
  reader.pos += length;
  return kind === "string" ? text(view, start, schema, name) : view;
}

function text(bytes: Uint8Array, at: number, { name }: MessageSchema, field: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fault(at, name, `${field} in UTF-8`, "other bytes");
  }
}

function varint(reader: PbfReader, schema: MessageSchema, end: number, signed = false): number {
  const start = reader.pos;
  // At most ten bytes, the last of them below 128.
  let last = start;
  while (last < end && last - start < 10 && reader.buf[last]! > 0x7f) last++;
  if (last === end) throw fault(start, schema.name, "a number", "the end of the message");
  if (last - start === 10) throw fault(start, schema.name, "a number of at most 10 bytes", "more");
  return reader.readVarint(signed);
}

function room({ pos }: PbfReader, { name }: MessageSchema, length: number, end: number): void {
  if (length > end - pos) throw fault(pos, name, `${length} bytes`, `${end - pos}`);
}

function skipped(reader: PbfReader, schema: MessageSchema, wire: number, end: number): undefined {
  if (wire === VARINT) {
    varint(reader, schema, end);
    return;
  }
  const fixed = wire === FIXED32 ? 4 : wire === FIXED64 ? 8 : undefined;
  if (fixed === undefined && wire !== BYTES)
    throw fault(reader.pos, schema.name, "a wire type of protocol buffers 3", `${wire}`);
  const length = fixed ?? varint(reader, schema, end);
  room(reader, schema, length, end);
  reader.pos += length;
}

function fault(byte: number, message: string, expected: string, got: string): FormatError {
  return new FormatError({
    op: "readOnnx",
    expected: `${expected} (${message})`,
    got: `${got} at byte ${byte}`,
    cure: "Is it an ONNX file, and whole?",
  });
}
