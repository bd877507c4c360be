// Protocol buffers by a schema, the way out.
import { PbfWriter } from "pbf";
import { MODEL, type Kind, type MessageSchema, type ModelProto } from "./messages.js";

/** What is written: messages of which any field may be missing, repeated numbers as numbers. */
export type Written<T> = {
  [K in keyof T]?:
    | (T[K] extends Uint8Array[]
        ? readonly number[] | readonly Uint8Array[]
        : T[K] extends (infer Item)[]
          ? Item extends object
            ? readonly Written<Item>[]
            : readonly Item[]
          : T[K] extends object | undefined
            ? T[K] extends Uint8Array | undefined
              ? T[K]
              : Written<Exclude<T[K], undefined>>
            : T[K])
    | undefined;
};

/** The bytes of a model. */
export function writeModelProto(model: Written<ModelProto>): Uint8Array {
  const writer = new PbfWriter();
  writeMessage(writer, MODEL, model);
  return writer.finish();
}

function writeMessage(writer: PbfWriter, schema: MessageSchema, message: object): void {
  const values = message as Readonly<Record<string, unknown>>;
  for (const [number, { name, kind, repeated }] of Object.entries(schema.fields)) {
    const value = values[name];
    if (value === undefined) continue;
    const tag = Number(number);
    if (typeof kind === "object" && "numbers" in kind)
      writeNumbers(writer, tag, kind.numbers, value as number[]);
    else if (repeated) for (const item of value as unknown[]) writeValue(writer, tag, kind, item);
    else writeValue(writer, tag, kind, value);
  }
}

function writeNumbers(
  writer: PbfWriter,
  tag: number,
  encoding: "varint" | "float" | "double",
  numbers: readonly number[],
): void {
  if (numbers.length === 0) return;
  if (encoding === "varint") writer.writePackedVarint(tag, [...numbers]);
  else if (encoding === "float") writer.writePackedFloat(tag, [...numbers]);
  else writer.writePackedDouble(tag, [...numbers]);
}

function writeValue(writer: PbfWriter, tag: number, kind: Kind, value: unknown): void {
  if (kind === "int") writer.writeVarintField(tag, value as number);
  else if (kind === "float") writer.writeFloatField(tag, value as number);
  else if (kind === "string") writer.writeStringField(tag, value as string);
  else if (kind === "bytes") writer.writeBytesField(tag, value as Uint8Array);
  else if ("message" in kind)
    writer.writeMessage(
      tag,
      (item, inner) => writeMessage(inner, kind.message, item),
      value as object,
    );
}
