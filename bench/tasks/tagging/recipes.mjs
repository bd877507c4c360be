// For each data set: how to read it, the tagger, and its training. Everything was chosen on the validation part.
import { SequenceTagger } from "hiddenstate/models";
import { atis, conll2003, gmb_ner, keyphrase } from "./data.mjs";

const recipes = {
  atis: {
    read: atis,
    tagger: {
      scheme: "IOB2",
      lowercase: false,
      embeddingSize: 100,
      characters: "cnn",
      characterSize: 50,
      zeroDigits: true,
      wordDropout: 1,
      shapeSize: 0,
      hiddenSize: 150,
    },
    fit: { epochs: 40, batchSize: 16, learningRate: 2e-3, averageEpochs: 2, metric: "f1" },
  },
  gmb_ner: {
    read: gmb_ner,
    tagger: {
      scheme: "IOB2",
      trainingScheme: "IOB2",
      lowercase: false,
      embeddingSize: 100,
      characters: "cnn",
      characterSize: 50,
      hiddenSize: 100,
      zeroDigits: true,
      wordDropout: 1,
      shapeSize: 10,
    },
    fit: { epochs: 14, batchSize: 32, learningRate: 2e-3, averageEpochs: 1, metric: "accuracy" },
  },
  conll2003: {
    read: conll2003,
    tagger: {
      scheme: "IOB1",
      trainingScheme: "BIOES",
      embeddingSize: 100,
      lowercase: true,
      zeroDigits: true,
      characters: "lstm",
      characterSize: 50,
      wordDropout: 1,
      shapeSize: 10,
      hiddenSize: 100,
    },
    fit: { epochs: 25, batchSize: 16, learningRate: 2e-3, averageEpochs: 2, metric: "f1" },
  },
  keyphrase: {
    read: keyphrase,
    tagger: {
      scheme: "IOB2",
      trainingScheme: "BIOES",
      lowercase: true,
      zeroDigits: true,
      embeddingSize: 100,
      characters: "cnn",
      shapeSize: 10,
      hiddenSize: 100,
      wordDropout: 0.25,
    },
    fit: { epochs: 15, batchSize: 16, learningRate: 2e-3, averageEpochs: 2, metric: "f1" },
  },
};

export const RECIPES = Object.fromEntries(
  Object.entries(recipes).map(([name, { tagger, ...recipe }]) => [
    name,
    {
      ...recipe,
      build: (train, changes = {}) => SequenceTagger.build(train, { ...tagger, ...changes }),
    },
  ]),
);
