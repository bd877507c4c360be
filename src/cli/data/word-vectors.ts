// Word vectors from a file of any kind: what Word2Vec saved, word2vec's formats, GloVe's.
import { readChunks } from "../../platform/node/text.js";
import type { ReadVectorsOptions } from "../../vectors/read.js";
import { Word2Vec } from "../../vectors/word2vec.js";
import { WordVectors } from "../../vectors/word-vectors.js";
import { readModel } from "../read-model.js";

export const VECTOR_FILES =
  "what train --task word-vectors wrote, or a file of word2vec or GloVe (.gz is unpacked)";

export async function readVectorFile(
  path: string,
  options: ReadVectorsOptions = {},
): Promise<WordVectors> {
  if (!path.endsWith(".safetensors"))
    return WordVectors.read(() => readChunks(path), { ...options, name: path });
  const model = await readModel(path, (bytes) => Word2Vec.load(bytes));
  return model.vectors();
}
