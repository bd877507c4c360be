/** Length and FNV-1a of the UTF-16 units of texts, one after another: tells data apart, no more. */
export class Fingerprint {
  #hash = 0x811c9dc5;
  #length = 0;

  add(text: string): void {
    this.#length += text.length;
    for (let i = 0; i < text.length; i++)
      this.#hash = Math.imul(this.#hash ^ text.charCodeAt(i), 0x01000193);
  }

  toString(): string {
    return `${this.#length} characters, ${(this.#hash >>> 0).toString(16).padStart(8, "0")}`;
  }
}
