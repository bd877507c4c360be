// Which tag may follow which.
import { checkCall, checkChoice } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { quoted } from "../core/code-points.js";
import { parseTag, SCHEME_LETTERS, TAG_SCHEMES, type ParsedTag, type TagScheme } from "./spans.js";

/** The sequences of tags that a scheme allows, as tables over the tags' ids. */
export interface TagTransitions {
  /** Whether a sentence may begin with a tag. */
  readonly start: readonly boolean[];
  /** Whether a sentence may end with it. */
  readonly end: readonly boolean[];
  /** `between[from][to]`: whether `to` may follow `from`. */
  readonly between: readonly (readonly boolean[])[];
}

/**
 * Which tag may follow which in a scheme, for a CRF that gives well-formed sequences only:
 * - IOB2: `I-X` only after `B-X` or `I-X`.
 * - IOB1: `B-X` only after `B-X` or `I-X`.
 * - BIOES, and its other spellings: after `B-X` and `I-X` only `I-X` and `E-X`, and those nowhere else.
 *
 * @param labels the tags, by id
 * @throws OptionError for a label that is no tag of the scheme
 */
export function allowedTransitions(labels: readonly string[], scheme: TagScheme): TagTransitions {
  checkCall("allowedTransitions", arguments, "labels:list scheme:string");
  checkChoice("allowedTransitions", "scheme", scheme, TAG_SCHEMES);
  const letters = SCHEME_LETTERS[scheme];
  const tags = labels.map((label, id) => {
    const tag = parseTag("allowedTransitions", label, id);
    if (tag.role === "O" || letters[tag.role] === tag.letter) return tag;
    throw new OptionError({
      op: "allowedTransitions",
      expected: `labels of ${scheme}, which has the letters O, ${Object.values(letters).join(", ")}`,
      got: `${quoted(label)} at position ${id}`,
      cure: "Convert the tags first: convertTags(tags, scheme).",
    });
  });
  const outside: Tag = { role: "O", type: "" };
  const follows = FOLLOWS[scheme] ?? followsWithEnds;
  return {
    start: tags.map((to) => follows(outside, to)),
    end: tags.map((from) => follows(from, outside)),
    between: tags.map((from) => tags.map((to) => follows(from, to))),
  };
}

type Tag = Pick<ParsedTag, "role" | "type">;

/** Whether `to` may follow `from`. Before a sentence and behind it all is as outside. */
type Follows = (from: Tag, to: Tag) => boolean;

/** In schemes without letters for the ends of spans. */
const FOLLOWS: Readonly<Partial<Record<TagScheme, Follows>>> = {
  IOB1: (from, to) => to.role !== "B" || isInside(from, to),
  IOB2: (from, to) => to.role !== "I" || isInside(from, to),
};

const followsWithEnds: Follows = (from, to) =>
  "BI".includes(from.role)
    ? from.type === to.type && "IE".includes(to.role)
    : !"IE".includes(to.role);

/** Whether `from` is a word of a span of the type that `to` has. */
function isInside(from: Tag, to: Tag): boolean {
  return from.role !== "O" && from.type === to.type;
}
