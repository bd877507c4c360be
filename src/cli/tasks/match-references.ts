// `hiddenstate match`: lines and the labelled texts that they are most like.
import { flag, whole } from "../../core/options.js";
import { FormatError } from "../../core/errors.js";
import { lineChunks } from "../../data/source.js";
import type { References } from "../../models/siamese/references.js";
import type { SiameseNetwork } from "../../models/siamese/siamese-network.js";
import type { Column } from "../data/columns.js";
import { dataOptions } from "../data/data-options.js";
import { readExamples } from "../data/dataset.js";
import { readModel } from "../read-model.js";
import type { Given, Matching } from "../task.js";

const COLUMNS: readonly Column[] = [
  { name: "label", kind: "text", label: true },
  { name: "text", kind: "text" },
];

/** References that are read before they are encoded together. */
const TOGETHER = 1024;

export const matchReferences: Matching<SiameseNetwork> = {
  options: {
    count: whole(1, 1, "how many of the most similar to tell, with tabs between"),
    prototypes: flag(false, "one vector a label, the mean of its texts', instead of each text"),
    json: flag(false, "JSON lines: a list of labels, scores and numbers of references"),
    ...dataOptions(COLUMNS),
  },

  async *lines(model, file, source, { count, json, prototypes = false, ...reading }) {
    const options = { prototypes: prototypes as boolean };
    const references = file.endsWith(".safetensors")
      ? await readModel(file, (bytes) => model.references({ bytes, ...options }))
      : await referencesIn(file, model.references(options), reading);
    for await (const lines of lineChunks(source))
      for (const found of references.matchBatch(lines, { count: count as number | undefined }))
        yield json
          ? JSON.stringify(found)
          : found.map(({ label, score }) => `${label}\t${score.toFixed(4)}`).join("\t");
  },
};

async function referencesIn(
  file: string,
  references: References,
  reading: Given,
): Promise<References> {
  const held: { label: string; input: string }[] = [];
  for await (const { values } of readExamples(file, reading, SHAPE)) {
    held.push({ label: values.label as string, input: values.text as string });
    if (held.length === TOGETHER) references.addBatch(held.splice(0));
  }
  references.addBatch(held);
  if (references.size > 0) return references;
  throw new FormatError({ op: "match", expected: "texts with labels", got: `none (${file})` });
}

const SHAPE = { columns: COLUMNS, format: "tsv" } as const;
