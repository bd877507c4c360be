// How good a tagger is.
import { entityScores } from "../../metrics/entity-scores.js";
import type { Scores } from "../fit-model.js";

/**
 * - `accuracy`: of words, the share with the right label.
 * - `exact`: of sentences, the share where everything is right, the intent too.
 * - `precision`, `recall`, `f1` of spans, as conlleval counts them: where the tagger has a scheme.
 * - `intent`: of sentences, the share with the right intent: where the tagger has intents.
 */
export type TaggerScores = Scores &
  Readonly<Record<"accuracy" | "exact", number>> & {
    readonly precision?: number;
    readonly recall?: number;
    readonly f1?: number;
    readonly intent?: number;
  };

/** The names of the scores; the first says which weights are the best. */
export function taggerMetrics(spans: boolean, intents: boolean): (keyof TaggerScores & string)[] {
  return [
    ...(spans ? ["f1", "precision", "recall"] : []),
    "accuracy",
    "exact",
    ...(intents ? ["intent"] : []),
  ];
}

interface Labelled {
  readonly tags: readonly string[];
  readonly intent?: string | undefined;
}

export function scoresOf(
  said: readonly Labelled[],
  wanted: readonly Labelled[],
  spans: boolean,
): TaggerScores {
  let [words, right, exact, intents] = [0, 0, 0, 0];
  wanted.forEach(({ tags, intent }, i) => {
    const hits = tags.filter((tag, t) => tag === said[i].tags[t]).length;
    const understood = said[i].intent === undefined || said[i].intent === intent;
    words += tags.length;
    right += hits;
    intents += understood ? 1 : 0;
    exact += understood && hits === tags.length ? 1 : 0;
  });
  const scores = { accuracy: right / words, exact: exact / wanted.length };
  const hasIntents = said.some(({ intent }) => intent !== undefined);
  const found = spans
    ? entityScores(
        said.map(({ tags }) => tags),
        wanted.map(({ tags }) => tags),
      )
    : undefined;
  return {
    ...(found && { f1: found.f1, precision: found.precision, recall: found.recall }),
    ...scores,
    ...(hasIntents && { intent: intents / wanted.length }),
  };
}
