// What data lack to learn from.
import { counted } from "../counted.js";
import { someOf } from "../data/example-files.js";
import type { Part } from "../task.js";

/** What the training data lack, in other data: it can only be counted as a mistake. */
export class Unlearnt {
  readonly #names = new Set<string>();
  readonly #item: string;
  readonly #name: string;
  #count = 0;
  #first = 0;

  /** @param item what has a `name`: a word has a tag */
  constructor(item: string, name: string) {
    this.#item = item;
    this.#name = name;
  }

  add(name: string, example: number): void {
    if (this.#count++ === 0) this.#first = example;
    this.#names.add(name);
  }

  async notes({ name, where }: Part<unknown>): Promise<string[]> {
    if (this.#count === 0) return [];
    const first = where ? ` (first: ${await where(this.#first)})` : "";
    const [items, has, it] =
      this.#count === 1
        ? [
            `a ${this.#item}`,
            `has ${/^[aeiou]/.test(this.#name) ? "an" : "a"} ${this.#name}`,
            "it counts as a mistake",
          ]
        : [`${this.#count} ${this.#item}s`, `have ${this.#name}s`, "they count as mistakes"];
    return [
      `${items} of ${name}${first} ${has} that the training data lack; ${it}: ${someOf([...this.#names])}.`,
    ];
  }
}

/** Of fewer examples not much can be learnt, and by fewer for validation a score tells little. */
export const FEW = 100;

/** What a user should know of few examples. */
export function fewToLearnFrom(count: number, thing: string): string[] {
  if (count >= FEW) return [];
  return [
    `${counted(count, thing)} to learn from: few, so that other examples could give other scores.`,
  ];
}
