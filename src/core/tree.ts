// Trees over the words of a sentence, as treebanks bracket them.
import { described } from "./described.js";
import { OptionError } from "./errors.js";

/** A word with its part of speech: `(NN dog)`. */
export interface TreeLeaf {
  readonly label: string;
  readonly word: string;
}

/** A phrase: `(NP (DT the) (NN dog))`. */
export interface TreePhrase {
  readonly label: string;
  readonly children: readonly Tree[];
}

/** A tree of phrases over words. */
export type Tree = TreeLeaf | TreePhrase;

/** The label of words that are not there: traces. */
export const TRACE = "-NONE-";

/** Levels of a tree at the most: what goes through trees calls itself for each. Sentences have fewer than 100. */
export const MOST_LEVELS = 1000;

export function isLeaf(tree: Tree): tree is TreeLeaf {
  return "word" in tree;
}

/** The words with their parts of speech, in order. */
export function leavesOf(tree: Tree): TreeLeaf[] {
  const leaves: TreeLeaf[] = [];
  const collect = (one: Tree): void => {
    if (isLeaf(one)) leaves.push(one);
    else one.children.forEach(collect);
  };
  collect(tree);
  return leaves;
}

/** A phrase's label without what follows its first `-` or `=`: `NP-SBJ-1` is an `NP`. What begins so stays: `-LRB-`. */
export function withoutFunctionTags(label: string): string {
  const end = label.slice(1).search(/[-=]/);
  return end < 0 ? label : label.slice(0, end + 1);
}

/** The Penn Treebank puts each tree into one more bracket, which has no label. */
export function unwrapped(tree: Tree): Tree {
  const [first, ...others] = isLeaf(tree) || tree.label !== "" ? [] : tree.children;
  return first && others.length === 0 ? first : tree;
}

/** Refuses what is no tree, for callers without types, and one of too many levels, as one that contains itself has. */
export function checkTree(op: string, value: unknown, level = 1): void {
  const { label, word, children } = Object(value) as Record<string, unknown>;
  if (typeof label !== "string" || (typeof word !== "string" && !Array.isArray(children)))
    throw new OptionError({
      op,
      expected: "a tree: { label, word }, or { label, children }",
      got: described(value),
      cure: "parseTree of hiddenstate/data reads one.",
    });
  if (level > MOST_LEVELS)
    throw new OptionError({ op, expected: `a tree of at most ${MOST_LEVELS} levels`, got: "more" });
  if (Array.isArray(children)) for (const child of children) checkTree(op, child, level + 1);
}
