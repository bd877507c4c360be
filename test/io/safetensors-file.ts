// Builds safetensors files by hand, right and wrong ones, for the tests of the reader.

export interface Entry {
  dtype: string;
  shape: unknown;
  data_offsets: unknown;
}

/** A file with the given header text (or bytes) and as many bytes of data, 1, 2, 3, … */
export function file(header: string | Uint8Array, dataBytes = 0): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  for (let i = 0; i < dataBytes; i++) bytes[8 + text.length + i] = i + 1;
  return bytes;
}

/** The text of one entry. */
export function entry(dtype: string, shape: string, begin: number | string, end: number | string) {
  return `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;
}

/** A file with one tensor of raw little-endian bytes. */
export function fileOf(dtype: string, shape: number[], raw: ArrayBufferView, padding = "") {
  const data = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  const header = `{"x":${entry(dtype, JSON.stringify(shape), 0, data.length)}}${padding}`;
  const bytes = file(header, data.length);
  bytes.set(data, bytes.length - data.length);
  return bytes;
}
