// Word vectors from a file of any kind: what Word2Vec saved, word2vec's formats, GloVe's.
import { readChunks } from "../../platform/node/text.js";
import type { ReadVectorsOptions } from "../../vectors/read.js";
import { Word2Vec } from "../../vectors/word2vec.js";
import { WordVectors } from "../../vectors/word-vectors.js";
import { text } from "../../core/options.js";
import { vectorsFound } from "../../models/parts/pretrained.js";
import type { Vocabulary } from "../../text/vocabulary.js";
import { readModel } from "../read-model.js";

export const VECTOR_FILES =
  "what train --task word-vectors wrote, or a file of word2vec or GloVe (.gz is unpacked)";

/** Of tasks whose models can begin with them. */
export const VECTORS_OPTION = text(
  undefined,
  "file of word vectors to begin with (default: none, words begin at random)",
);

/** Options of a model with the vectors of the file that `vectors` names. */
export async function withVectors<Options extends object>(
  options: Options,
): Promise<Omit<Options, "vectors"> & { vectors?: WordVectors | undefined }> {
  const { vectors: path, ...rest } = options as Options & { vectors?: string | undefined };
  if (path === undefined) return rest;
  const vectors = await readVectorFile(path);
  const { dimension } = vectors;
  console.error(`${vectors.size} words with vectors of ${dimension} numbers in ${path}.`);
  return { ...rest, vectors };
}

/**
 * Says how many words of a model that was built have one.
 *
 * @param joined whether the words of the vectors joined the vocabulary: those without are of the training data then
 */
export function tellFound(
  vectors: WordVectors | undefined,
  { tokens }: Vocabulary,
  joined = true,
): void {
  if (!vectors) return;
  const without = tokens.length - vectorsFound(vectors, tokens);
  const whose = joined ? ", with those of the vectors" : "";
  console.error(
    `${tokens.length} words in the vocabulary${whose}; ${without} of them have no vector and begin at random.`,
  );
}

export async function readVectorFile(
  path: string,
  options: ReadVectorsOptions = {},
): Promise<WordVectors> {
  if (!path.endsWith(".safetensors"))
    return WordVectors.read(() => readChunks(path), { ...options, name: path });
  const model = await readModel(path, (bytes) => Word2Vec.load(bytes));
  return model.vectors();
}
