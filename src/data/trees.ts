// Trees as treebanks bracket them.
import { checkCall } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import { OptionError } from "../core/errors.js";
import {
  checkTree,
  isLeaf,
  TRACE,
  unwrapped,
  withoutFunctionTags,
  type Tree,
} from "../core/tree.js";
import { TreeParser } from "../core/tree-parser.js";
import { formatFault, UNNAMED, type NamedSource } from "./fault.js";
import { linesOf, type TextSource } from "./source.js";

export type { Tree, TreeLeaf, TreePhrase } from "../core/tree.js";

export interface TreeOptions {
  /** Whether phrases keep what says their function, `NP-SBJ-1`; else it is `NP`. Default true. */
  functionTags?: boolean | undefined;
  /** Whether words tagged `-NONE-` stay; else they go, and the phrases that have no other word. Default true. */
  traces?: boolean | undefined;
}

export interface ReadTreesOptions extends TreeOptions, NamedSource {
  /** Lines that begin so, between trees, are passed over. Default: none. */
  comment?: string | undefined;
}

/**
 * The trees of a text in brackets, one by one, as the Penn Treebank has them (Marcus et al. 1993):
 * `( (S (NP (DT The) (NN dog)) (VP (VBZ barks))))`. A tree may go over several lines. The bracket without a label around a
 * tree is dropped. A tree of traces alone, where they go, is left without children, so that sentences keep their number.
 *
 * @throws FormatError for brackets that do not match, a bracket with nothing or several words in it, text outside of brackets, more
 *   than 1,000 levels; it names line and column
 * @example
 * ```ts
 * const [tree] = await collect(readTrees("( (S\n  (NP-SBJ (PRP It))\n  (VP (VBZ works))))", { functionTags: false }));
 * treeText(tree!); // "(S (NP (PRP It)) (VP (VBZ works)))"
 * ```
 */
export function readTrees(
  source: TextSource,
  options: ReadTreesOptions = {},
): AsyncGenerator<Tree, void> {
  checkCall(
    "readTrees",
    arguments,
    "source {functionTags:boolean traces:boolean comment:string name:string}",
  );
  return treesOf(source, options);
}

async function* treesOf(
  source: TextSource,
  { comment, name = UNNAMED, ...options }: ReadTreesOptions,
): AsyncGenerator<Tree, void> {
  if (comment === "")
    throw new OptionError({ op: "readTrees", expected: "a comment that is a text", got: '""' });
  const reader = new LineReader("readTrees", name);
  for await (const text of linesOf(source)) {
    if (comment !== undefined && reader.isBetween && text.startsWith(comment)) reader.skip();
    else for (const tree of reader.read(text)) yield simplified(tree, options);
  }
  reader.end();
}

/**
 * One tree in brackets: {@link readTrees} of a text that has one.
 *
 * @throws FormatError for what is not one tree
 * @example
 * ```ts
 * const tree = parseTree("(NP (DT the) (NN dog))");
 * tree.label; // "NP"
 * ```
 */
export function parseTree(text: string, options: TreeOptions = {}): Tree {
  checkCall("parseTree", arguments, "text:string {functionTags:boolean traces:boolean}");
  const reader = new LineReader("parseTree", UNNAMED);
  const trees = text.split(/\r\n?|\n/).flatMap((line) => reader.read(line));
  reader.end();
  if (trees.length !== 1)
    throw formatFault("parseTree", "one tree", String(trees.length), { name: UNNAMED, line: 1 });
  return simplified(trees[0]!, options);
}

/**
 * A tree in brackets, in one line, as {@link parseTree} reads it.
 *
 * @throws OptionError for a label or word with a bracket or blank in it, for an empty word, and for more than 1,000 levels
 */
export function treeText(tree: Tree): string {
  checkCall("treeText", arguments, "tree:object");
  checkTree("treeText", tree);
  return textOf(tree);
}

function textOf(tree: Tree): string {
  checkPiece(tree.label);
  if (!isLeaf(tree)) return `(${[tree.label, ...tree.children.map(textOf)].join(" ")})`;
  checkPiece(tree.word);
  if (tree.word !== "") return `(${tree.label} ${tree.word})`;
  throw new OptionError({ op: "treeText", expected: "words of at least a letter", got: '""' });
}

function checkPiece(text: string): void {
  if (!/[() \t\r\n]/.test(text)) return;
  throw new OptionError({
    op: "treeText",
    expected: "labels and words without brackets and blanks",
    got: quoted(text),
    cure: "The Penn Treebank writes brackets as -LRB- and -RRB-.",
  });
}

/** Lines to trees, with the places of faults. */
class LineReader {
  readonly #op: string;
  readonly #name: string;
  readonly #parser: TreeParser;
  #line = 0;
  #begin = 0;

  constructor(op: string, name: string) {
    this.#op = op;
    this.#name = name;
    this.#parser = new TreeParser((expected, got, column) =>
      formatFault(op, expected, got, { name, line: this.#line, column }),
    );
  }

  get isBetween(): boolean {
    return this.#parser.depth === 0;
  }

  skip(): void {
    this.#line++;
  }

  read(text: string): Tree[] {
    this.#line++;
    if (this.isBetween) this.#begin = this.#line;
    const trees = this.#parser.line(text);
    if (trees.length > 0) this.#begin = this.#line;
    return trees;
  }

  end(): void {
    const { missing } = this.#parser;
    if (missing !== undefined)
      throw formatFault(this.#op, `${missing} of the last tree`, "the end", {
        name: this.#name,
        line: this.#begin,
      });
  }
}

function simplified(tree: Tree, { functionTags = true, traces = true }: TreeOptions): Tree {
  const without = (one: Tree): Tree[] => {
    if (isLeaf(one)) return !traces && one.label === TRACE ? [] : [one];
    const children = one.children.flatMap(without);
    const label = functionTags ? one.label : withoutFunctionTags(one.label);
    return children.length > 0 ? [{ label, children }] : [];
  };
  if (functionTags && traces) return tree;
  const [left] = without(tree);
  return left ? unwrapped(left) : { label: "", children: [] };
}
