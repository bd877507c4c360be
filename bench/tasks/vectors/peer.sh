#!/bin/sh
# word2vec.c (github tmikolov/word2vec, 20c129a) by the same recipes, one thread, five seeds.
#   sh bench/tasks/vectors/peer.sh word2vec.c text8.prefix OUT
# Two lines are changed. The seed: there is none, the generator begins with the number of the thread. And the end of the file: with one
# thread that version reads it once only, as the mark of the end is never taken back, and ends after one of its epochs.
set -e
source=$1 text=$2 out=$3
sed -e 's/next_random = (long long)id;/next_random = (long long)id + SEED;/' \
  -e 's/^      sentence_length = 0;$/      sentence_length = 0; eof = 0;/' "$source" >"$out/seeded.c"
for seed in 1 2 3 4 5; do
  gcc -DSEED=$seed "$out/seeded.c" -o "$out/word2vec-$seed" -lm -pthread -O3 -march=native -funroll-loops
  "$out/word2vec-$seed" -train "$text" -output "$out/cbow-$seed.bin" -cbow 1 -size 100 -window 8 -negative 25 -hs 0 \
    -sample 1e-4 -threads 1 -binary 1 -iter 15 -min-count 5
  "$out/word2vec-$seed" -train "$text" -output "$out/skip-gram-$seed.bin" -cbow 0 -size 100 -window 5 -negative 5 -hs 0 \
    -sample 1e-3 -threads 1 -binary 1 -iter 5 -min-count 5
done
