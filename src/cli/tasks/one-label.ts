// What the tasks that give one label have in common, whether texts have it or recordings.
import { passOver, type Examples } from "../../data/examples.js";
import { scoresText, scoreText, SHARE } from "../../metrics/metric.js";
import type { ClassifierDetails } from "../../models/classifier/scorer.js";
import type { SequenceClassifier } from "../../models/classifier/sequence-classifier.js";
import type { Evaluation } from "../../models/kit/ready-model.js";
import { counted } from "../counted.js";
import type { Survey } from "../data/example-files.js";
import type { Part } from "../task.js";
import { strangersIn } from "./label-notes.js";

/** A table of more labels would not fit a screen. */
const MOST_LABELS = 12;

interface Labelled {
  readonly label: string;
}

export const labelsOf = ({ label }: Labelled): readonly string[] => [label];

/** What another survey says, and how many labels there are. */
export function labelSurvey<Example extends Labelled>(other: Survey<Example>): Survey<Example> {
  const labels = new Set<string>();
  return {
    see(example) {
      other.see(example);
      labels.add(example.label);
    },
    describe: () => `${other.describe()}; ${counted(labels.size, "label")}`,
  };
}

/** How many there are to learn from. */
export function countSurvey(thing: string): Survey<unknown> {
  let count = 0;
  return {
    see: () => void count++,
    describe: () => `${counted(count, thing)} to learn from`,
  };
}

/** Of labels that were never learnt, and labels that hardly repeat: they may be something else. */
export async function labelNotes<Example extends Labelled>(
  { labels }: Pick<SequenceClassifier, "labels">,
  part: Part<Examples<Example>>,
  training: boolean,
  thing: string,
): Promise<string[]> {
  const notes = await strangersIn<Example>(labels, part, labelsOf, thing);
  if (training && (await looksUnlike(part.source)))
    notes.push(
      `nearly every ${thing} of ${part.name} has a label of its own: are --columns right?`,
    );
  return notes;
}

async function looksUnlike(examples: Examples<Labelled>): Promise<boolean> {
  const labels = new Set<string>();
  let count = 0;
  for await (const { label } of passOver(examples)) {
    count++;
    labels.add(label);
  }
  return labels.size > MOST_LABELS && labels.size > 0.9 * count;
}

/** An evaluation for people: which label is taken for which, or of many labels how well each is found. */
export function labelReport(
  { scores, details }: Evaluation,
  { metrics }: Pick<SequenceClassifier, "metrics">,
): string {
  const { confusion } = details as ClassifierDetails;
  const table =
    confusion.labels.length <= MOST_LABELS
      ? String(confusion)
      : confusion.labels
          .map((label) => {
            const { f1, support } = confusion.score(label);
            return `${label}: f1 ${scoreText(SHARE, f1)} of ${support}`;
          })
          .join("\n");
  return `${table}\n${scoresText(metrics, scores)}`;
}

/** The scores of each label. */
export function byLabel({ details }: Evaluation): { byLabel: object } {
  const { confusion } = details as ClassifierDetails;
  const scores = confusion.labels.map((label) => [label, confusion.score(label)]);
  return { byLabel: Object.fromEntries(scores) as object };
}
