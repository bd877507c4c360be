// What tasks that give labels have in common, whatever has one: what a user should know of the labels.
import { passOver, type Examples } from "../../data/examples.js";
import type { Vocabulary } from "../../text/vocabulary.js";
import { counted } from "../counted.js";
import { someOf } from "../data/example-files.js";
import type { Part } from "../task.js";
import { FEW, fewToLearnFrom, Unlearnt } from "./unlearnt.js";

/** Of fewer examples of a label little can be learnt. */
const FEW_OF_A_LABEL = 10;
/** Where the most frequent label has so many times the examples of another, models tend to forget the other. */
const SKEWED = 20;

export type LabelsOf<Example> = (example: Example) => readonly string[];

/**
 * What a user should know of few examples, and of labels that are rare. Streams are long, and not gone through for it.
 *
 * @param thing what has labels: `"text"`
 */
export async function adviceOn<Example>(
  { train, valid }: { train: Part<Examples<Example>>; valid: Part<Examples<Example>> | undefined },
  labelsOf: LabelsOf<Example>,
  thing: string,
): Promise<string[]> {
  if (typeof train.source === "function") return [];
  const { count, labels } = await countLabels(train.source, labelsOf);
  const notes = fewToLearnFrom(count, thing);
  const most = Math.max(0, ...labels.values());
  const rare = [...labels].filter(([, own]) => own < FEW_OF_A_LABEL || most >= SKEWED * own);
  if (rare.length > 0)
    notes.push(
      `labels with few of the ${counted(count, thing)}: ${someOf(rare.map(([label, own]) => `${label} ${own}`))}. ` +
        "More examples help most; --sampling balanced or --class-weights balanced makes more of these.",
    );
  if (!valid || typeof valid.source === "function") return notes;
  const kept = (await countLabels(valid.source, labelsOf)).count;
  if (kept < FEW)
    notes.push(
      `${counted(kept, thing)} for validation: few, a score is uncertain by ${(100 / Math.sqrt(kept)).toFixed(0)} % or so, up or down.`,
    );
  return notes;
}

async function countLabels<Example>(source: Examples<Example>, labelsOf: LabelsOf<Example>) {
  const labels = new Map<string, number>();
  let count = 0;
  for await (const example of passOver(source)) {
    count++;
    for (const label of labelsOf(example)) labels.set(label, (labels.get(label) ?? 0) + 1);
  }
  return { count, labels };
}

/** What an evaluation counts as mistakes, since nobody could learn it. */
export async function strangersIn<Example>(
  labels: Vocabulary,
  part: Part<Examples<Example>>,
  labelsOf: LabelsOf<Example>,
  thing: string,
): Promise<string[]> {
  const strangers = new Unlearnt(thing, "label");
  let number = 0;
  for await (const example of passOver(part.source)) {
    for (const label of labelsOf(example)) if (!labels.has(label)) strangers.add(label, number);
    number++;
  }
  return strangers.notes(part);
}
