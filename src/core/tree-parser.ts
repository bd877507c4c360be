// Brackets to trees, a line at a time: a tree may go over several lines, a line may have several trees.
import { quoted } from "./code-points.js";
import { MOST_LEVELS, unwrapped, type Tree } from "./tree.js";

/** What is wrong, and the column at which (from 1). */
export type TreeFault = (expected: string, got: string, column: number) => Error;

interface OpenBracket {
  readonly label: string;
  readonly children: Tree[];
  word: string | undefined;
}

/** An opening bracket with its label, a closing one, a word. */
const PIECES = /\([^ \t()]*|\)|[^ \t()]+/g;

export class TreeParser {
  readonly #fault: TreeFault;
  readonly #open: OpenBracket[] = [];

  constructor(fault: TreeFault) {
    this.#fault = fault;
  }

  /** Brackets that are not closed yet. */
  get depth(): number {
    return this.#open.length;
  }

  /** What is missing where the text ends here; undefined between trees. */
  get missing(): string | undefined {
    const { depth } = this;
    return depth > 0 ? `${depth} more closing ${depth === 1 ? "bracket" : "brackets"}` : undefined;
  }

  /** The trees that a line completes. */
  line(text: string): Tree[] {
    const trees: Tree[] = [];
    for (const { 0: piece, index } of text.matchAll(PIECES)) {
      const column = index + 1;
      if (piece === ")") {
        const tree = this.#close(column);
        const parent = this.#open.at(-1);
        (parent ? parent.children : trees).push(parent ? tree : unwrapped(tree));
      } else if (piece.startsWith("(")) {
        this.#checkRoom(piece, column);
        if (this.depth === MOST_LEVELS)
          throw this.#fault(`at most ${MOST_LEVELS} levels`, "one more bracket", column);
        this.#open.push({ label: piece.slice(1), children: [], word: undefined });
      } else this.#word(piece, column);
    }
    return trees;
  }

  #word(word: string, column: number): void {
    const bracket = this.#open.at(-1);
    if (!bracket) throw this.#fault("a tree, which begins with (", quoted(word), column);
    this.#checkRoom(word, column);
    if (bracket.children.length > 0)
      throw this.#fault(
        `brackets alone in ${quoted(`(${bracket.label}`)}`,
        `the word ${quoted(word)}`,
        column,
      );
    bracket.word = word;
  }

  #checkRoom(piece: string, column: number): void {
    const bracket = this.#open.at(-1);
    if (bracket?.word !== undefined)
      throw this.#fault(`) behind ${quoted(bracket.word)}`, quoted(piece), column);
  }

  #close(column: number): Tree {
    const bracket = this.#open.pop();
    if (!bracket) throw this.#fault("no ) without its (", '")"', column);
    const { label, word, children } = bracket;
    if (word !== undefined) return { label, word };
    if (children.length === 0)
      throw this.#fault(`a word or brackets in ${quoted(`(${label})`)}`, "none", column);
    return { label, children };
  }
}
