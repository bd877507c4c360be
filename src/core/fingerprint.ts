/** Length and FNV-1a of data, one after another: tells them apart, no more. */
export class Fingerprint {
  #hash = 0x811c9dc5;
  #length = 0;

  /** The UTF-16 units of a text. */
  add(text: string): void {
    this.#length += text.length;
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
  }

  /** Bytes, numbers in an array of 4 bytes each, a list of such, or anything that JSON can hold. */
  addData(data: unknown): void {
    if (Array.isArray(data) && data.length > 0 && data.every((part) => ArrayBuffer.isView(part))) {
      for (const part of data) this.addData(part);
      return;
    }
    if (data instanceof Uint8Array) {
      this.#length += data.length;
      for (let i = 0; i < data.length; i++) this.#mix(data[i]!);
      return;
    }
    if (!(data instanceof Int32Array || data instanceof Float32Array))
      return this.add(JSON.stringify(data) ?? "");
    this.#length += data.length;
    const words = new Int32Array(data.buffer, data.byteOffset, data.length);
    for (let i = 0; i < words.length; i++) this.#mix(words[i]!);
  }

  toString(): string {
    return `${this.#length} characters, ${(this.#hash >>> 0).toString(16).padStart(8, "0")}`;
  }

  #mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193);
  }
}
