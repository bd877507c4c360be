// Trees as sequences of tokens, which a model can write.
import { checkCall } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { checkTree, isLeaf, type Tree, type TreeLeaf } from "../core/tree.js";

export type { Tree, TreeLeaf, TreePhrase } from "../core/tree.js";

/** Stands for a word, whatever its part of speech. */
const WORD = "XX";

/**
 * A tree as tokens (Vinyals et al. 2015, "Grammar as a foreign language"): brackets with the labels of their phrases, closing
 * ones too, and an `XX` for each word. Words and parts of speech are dropped: {@link delinearizeTree} is given them.
 *
 * @param options.tags whether a word is its part of speech instead of `XX`. Default false
 * @throws OptionError for a label with a bracket or blank in it, for a part of speech that reads as a bracket, and for more than
 *   1,000 levels
 * @example
 * ```ts
 * const tree = { label: "NP", children: [{ label: "DT", word: "the" }, { label: "NN", word: "dog" }] };
 * linearizeTree(tree).join(" "); // "(NP XX XX )NP"
 * ```
 */
export function linearizeTree(tree: Tree, options: { tags?: boolean | undefined } = {}): string[] {
  checkCall("linearizeTree", arguments, "tree:object {tags:boolean}");
  checkTree("linearizeTree", tree);
  const { tags = false } = options;
  const tokens: string[] = [];
  const write = (one: Tree): void => {
    checkLabel(one.label);
    if (isLeaf(one)) {
      tokens.push(tags ? one.label : WORD);
      return;
    }
    tokens.push(`(${one.label}`);
    one.children.forEach(write);
    tokens.push(`)${one.label}`);
  };
  write(tree);
  return tokens;
}

function checkLabel(label: string): void {
  if (!/[()\s]/.test(label)) return;
  throw new OptionError({
    op: "linearizeTree",
    expected: "labels without brackets and blanks",
    got: quoted(label),
  });
}

/** What {@link delinearizeTree} had to do, each counted; all 0 where the tokens were a tree over the words. */
export interface TreeRepairs {
  /** Phrases closed that had no closing bracket: at the end, or where one around them closed. */
  readonly closed: number;
  /** Closing brackets dropped that closed nothing. */
  readonly dropped: number;
  /** Words without a token: they stand at the end of the outermost phrase. */
  readonly wordsAdded: number;
  /** Tokens of words dropped behind the last word. */
  readonly wordsDropped: number;
  /** Phrases dropped that had no word. */
  readonly emptied: number;
  /** Trees joined under a phrase without a label, beyond the first. */
  readonly joined: number;
}

export interface Delinearized {
  readonly tree: Tree;
  /** Whether anything was repaired. */
  readonly malformed: boolean;
  readonly repairs: TreeRepairs;
}

interface OpenPhrase {
  readonly label: string;
  readonly children: Tree[];
}

/**
 * The tree that tokens as {@link linearizeTree} writes them make of a sentence. What a model writes need not be a tree: it is
 * repaired, whatever it is, so that each word has its place, and `repairs` counts what was done.
 *
 * @param tokens `(NP` opens, `)NP` closes, anything else is a word
 * @param words of the sentence, in order
 * @param tags the words' parts of speech. Default: the tokens that stand for them, `XX`
 * @throws ShapeError where there are not as many tags as words
 * @example
 * ```ts
 * const { tree, repairs } = delinearizeTree(["(NP", "XX", "XX"], ["the", "dog"], ["DT", "NN"]);
 * tree; // { label: "NP", children: [{ label: "DT", word: "the" }, { label: "NN", word: "dog" }] }
 * repairs.closed; // 1
 * ```
 */
export function delinearizeTree(
  tokens: readonly string[],
  words: readonly string[],
  tags?: readonly string[],
): Delinearized {
  const op = "delinearizeTree";
  checkCall(op, arguments, "tokens:list words:list tags?:list");
  for (const text of [tokens, words, tags ?? []].flat()) checkCall(op, [text], "token:string");
  if (tags && tags.length !== words.length)
    throw new ShapeError({
      op,
      expected: `${words.length} tags, one for each word`,
      got: String(tags.length),
    });
  const builder = new TreeBuilder(words, tags);
  for (const token of tokens) {
    if (token.startsWith("(")) builder.open(token.slice(1));
    else if (token.startsWith(")")) builder.close(token.slice(1));
    else builder.word(token);
  }
  return builder.end();
}

class TreeBuilder {
  readonly #words: readonly string[];
  readonly #tags: readonly string[] | undefined;
  readonly #roots: Tree[] = [];
  readonly #open: OpenPhrase[] = [];
  /** How many open phrases have each label: a closing bracket need not search for its own. */
  readonly #openWith = new Map<string, number>();
  #next = 0;
  readonly #repairs = {
    ...{ closed: 0, dropped: 0, wordsAdded: 0, wordsDropped: 0, emptied: 0, joined: 0 },
  };

  constructor(words: readonly string[], tags: readonly string[] | undefined) {
    this.#words = words;
    this.#tags = tags;
  }

  open(label: string): void {
    this.#open.push({ label, children: [] });
    this.#openWith.set(label, (this.#openWith.get(label) ?? 0) + 1);
  }

  /** Closes the innermost open phrase of a label, and those in it. */
  close(label: string): void {
    if (!this.#openWith.get(label)) {
      this.#repairs.dropped++;
      return;
    }
    while (this.#open.at(-1)!.label !== label) {
      this.#repairs.closed++;
      this.#closeLast();
    }
    this.#closeLast();
  }

  word(token: string): void {
    if (this.#next === this.#words.length) this.#repairs.wordsDropped++;
    else this.#parent().push(this.#leaf(token));
  }

  end(): Delinearized {
    const repairs = this.#repairs;
    repairs.closed += this.#open.length;
    while (this.#open.length > 1) this.#closeLast();
    const left = this.#words.length - this.#next;
    repairs.wordsAdded = left;
    const rest = Array.from({ length: left }, () => this.#leaf(WORD));
    this.#outermost().push(...rest);
    if (this.#open.length > 0) this.#closeLast();
    repairs.joined = Math.max(0, this.#roots.length - 1);
    const [first, ...others] = this.#roots;
    const tree = first && others.length === 0 ? first : { label: "", children: this.#roots };
    return { tree, malformed: Object.values(repairs).some((count) => count > 0), repairs };
  }

  #leaf(token: string): TreeLeaf {
    const i = this.#next++;
    return { label: this.#tags?.[i] ?? token, word: this.#words[i]! };
  }

  #parent(): Tree[] {
    return this.#open.at(-1)?.children ?? this.#roots;
  }

  /** Where words stand that have no place: in the phrase that is still open, in the only one, or beside all. */
  #outermost(): Tree[] {
    const only = this.#roots.length === 1 ? this.#roots[0]! : undefined;
    if (this.#open.length > 0 || !only || isLeaf(only)) return this.#parent();
    const children = [...only.children];
    this.#roots[0] = { label: only.label, children };
    return children;
  }

  #closeLast(): void {
    const { label, children } = this.#open.pop()!;
    this.#openWith.set(label, this.#openWith.get(label)! - 1);
    if (children.length > 0) this.#parent().push({ label, children });
    else this.#repairs.emptied++;
  }
}
