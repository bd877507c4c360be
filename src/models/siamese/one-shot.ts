// How well labels are told from few examples of each: what networks that compare are scored by.
import { checkIterable } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { flag, readOptions, whole, type OptionTable } from "../../core/options.js";
import { checkExample, inPlace } from "../../data/examples.js";
import { shuffle, withRngState } from "../../data/shuffle.js";
import { joined } from "../../core/joined.js";
import { UnitRows } from "../../vectors/unit-rows.js";
import { checkLabel } from "../classifier/example.js";
import { prototypesOf } from "./prototypes.js";
import type { Encoder } from "./references.js";

export interface OneShotOptions {
  /** Labels of a draw. Default 5. */
  ways?: number | undefined;
  /** Examples of each label that are known. Default 1. */
  shots?: number | undefined;
  /** How often labels and examples are drawn. Default 100. */
  draws?: number | undefined;
  /** Examples of each label that are matched in a draw, at the most. Default: all others. */
  queries?: number | undefined;
  /** Whether each label is one vector, the direction of the mean of its examples. Default false. */
  prototypes?: boolean | undefined;
  /** Decides the draws. Default 1. */
  seed?: number | undefined;
}

export const ONE_SHOT_OPTIONS: OptionTable<OneShotOptions> = {
  ways: whole(1, 5, "labels of a draw"),
  shots: whole(1, 1, "examples of each label that are known"),
  draws: whole(1, 100, "how often labels and examples are drawn"),
  queries: whole(1, undefined, "examples of each label that are matched, at the most"),
  prototypes: flag(false, "one vector a label"),
  seed: whole(0, 1, "decides the draws"),
};

export interface OneShotScores {
  /** Share of the matches with the right label: the mean over the draws. */
  readonly accuracy: number;
  /** Standard deviation of a draw's accuracy. */
  readonly deviation: number;
  /** What guessing reaches: 1 / ways. */
  readonly chance: number;
  readonly draws: number;
}

export function oneShotScores<Input>(
  op: string,
  encoder: Encoder<Input>,
  examples: Iterable<{ readonly input: Input; readonly label: string }>,
  options: OneShotOptions,
): OneShotScores {
  const settings = readOptions<OneShotOptions, "queries">(op, ONE_SHOT_OPTIONS, options);
  const { ways, shots, draws, queries, prototypes, seed } = settings;
  checkIterable(op, "a list of { input, label }", examples);
  const all = [...examples];
  const places = new Map<string, number[]>();
  all.forEach((example, place) =>
    inPlace("example", place, () => {
      checkExample(op, "example", example);
      const label = checkLabel(op, example.label);
      if (!places.get(label)?.push(place)) places.set(label, [place]);
    }),
  );
  const labels = [...places.values()].filter(({ length }) => length > shots);
  if (labels.length < ways)
    throw new OptionError({
      op,
      expected: `${ways} labels with more than ${shots} example${shots > 1 ? "s" : ""} each`,
      got: `${labels.length} of ${places.size}`,
      cure: "Give fewer ways or shots, or more examples.",
    });
  const vectors = encoder.encodeAll_(
    op,
    all.map(({ input }) => input),
  );
  const accuracies = withRngState({ seed, counter: 0 }, () =>
    Array.from({ length: draws }, () => {
      const drawn = shuffle(labels)
        .slice(0, ways)
        .map((own) => shuffle(own).slice(0, queries === undefined ? own.length : shots + queries));
      return accuracyOf(drawn, vectors, encoder.dimension, { shots, prototypes });
    }),
  );
  const accuracy = accuracies.reduce((sum, one) => sum + one, 0) / draws;
  const squares = accuracies.reduce((sum, one) => sum + (one - accuracy) * (one - accuracy), 0);
  return { accuracy, deviation: Math.sqrt(squares / draws), chance: 1 / ways, draws };
}

/** Of labels' examples the first `shots` are known, the others matched with them. */
function accuracyOf(
  drawn: readonly (readonly number[])[],
  vectors: readonly Float32Array[],
  dimension: number,
  { shots, prototypes }: { shots: number; prototypes: boolean },
): number {
  const rows = new UnitRows(dimension);
  const labels = drawn.flatMap((own, way) => own.slice(0, shots).map(() => String(way)));
  for (const own of drawn) for (const place of own.slice(0, shots)) rows.add(vectors[place]!);
  const known = prototypes ? prototypesOf({ labels, rows }) : { labels, rows };
  const wanted: string[] = [];
  const queries = drawn.flatMap((own, way) => {
    const others = own.slice(shots);
    wanted.push(...others.map(() => String(way)));
    return others.map((place) => vectors[place]!);
  });
  const found = known.rows.nearestOfMany(joined(queries, Float32Array), 1);
  const right = found.filter(({ indices }, i) => known.labels[indices[0]!] === wanted[i]);
  return right.length / wanted.length;
}
