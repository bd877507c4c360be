# Words a second of gensim's Word2Vec by the recipes of recipes.mjs: one worker, processor time, the better of two epochs.
#   python3 bench/tasks/vectors/gensim-speed.py text8.prefix    (Debian: python3-gensim; the text unpacked)
import sys
import time

import gensim
from gensim.models import Word2Vec
from gensim.models.word2vec import Text8Corpus

RECIPES = {
    "cbow": {"sg": 0, "window": 8, "negative": 25, "sample": 1e-4},
    "skip-gram": {"sg": 1, "window": 5, "negative": 5, "sample": 1e-3},
}

sentences = list(Text8Corpus(sys.argv[1]))
print("gensim", gensim.__version__)
for name, recipe in RECIPES.items():
    model = Word2Vec(vector_size=100, min_count=5, workers=1, seed=1, **recipe)
    model.build_vocab(sentences)
    best = 0
    for _ in range(2):
        before = time.process_time()
        model.train(sentences, total_examples=model.corpus_count, epochs=1)
        best = max(best, model.corpus_total_words / (time.process_time() - before))
    print(f"{name}: {best:.0f} words a second")
