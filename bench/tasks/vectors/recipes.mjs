// The two trainings of word vectors that are compared with word2vec.c: its options, and the library's.
export const RECIPES = {
  cbow: {
    model: { architecture: "cbow" },
    fit: { window: 8, negative: 25, sample: 1e-4, epochs: 15 },
    peer: "-cbow 1 -size 100 -window 8 -negative 25 -hs 0 -sample 1e-4 -iter 15",
  },
  "skip-gram": {
    model: { architecture: "skip-gram" },
    fit: { window: 5, negative: 5, sample: 1e-3, epochs: 5 },
    peer: "-cbow 0 -size 100 -window 5 -negative 5 -hs 0 -sample 1e-3 -iter 5",
  },
};

export const PAIRS = {
  ws353: "EN-WS-353-ALL.txt",
  men: "EN-MEN-TR-3k.txt",
  simlex: "EN-SIMLEX-999.txt",
};
export const ANALOGIES = "questions-words.txt.gz";
