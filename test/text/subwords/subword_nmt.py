"""Merges and segmentations by subword-nmt itself, for subword-nmt.test.ts.

    git clone https://github.com/rsennrich/subword-nmt
    python3 test/text/subwords/subword_nmt.py path/to/subword-nmt > test/text/subwords/subword-nmt.json
"""

import io
import json
import random
import sys

sys.path.insert(0, sys.argv[1])
from subword_nmt import apply_bpe, get_vocab, learn_bpe  # noqa: E402

draw = random.Random(1)

SYLLABLES = {
    "a": ["lo", "we", "r", "est", "ne", "ing", "aa", "ban", "an", "s", "</", "w>"],
    "b": ["ни", "же", "ло", "ß", "ä", "ing", "e\u0301", "中", "文", "😀", "aa", "-"],
}


def word(language):
    count = 1 + min(int(draw.expovariate(0.7)), 6)
    return "".join(draw.choice(SYLLABLES[language]) for _ in range(count))


def lines(language, count):
    words = [word(language) for _ in range(260)]
    weights = [(1 + rank) ** -0.5 for rank in range(len(words))]
    return [
        " ".join(draw.choices(words, weights, k=draw.randint(1, 9))) for _ in range(count)
    ]


def learned(text, merges):
    codes = io.StringIO()
    learn_bpe.learn_bpe(io.StringIO("\n".join(text) + "\n"), codes, merges)
    return codes.getvalue()


def counted(text, bpe):
    counts = io.StringIO()
    get_vocab.get_vocab(io.StringIO("\n".join(bpe.process_line(one) for one in text)), counts)
    return counts.getvalue()


text = {language: lines(language, 150) for language in "ab"}
codes = learned(text["a"] + text["b"], 250)
bpe = apply_bpe.BPE(io.StringIO(codes))
# Words that were never seen, of characters that were and that were not.
strange = [" ".join(word(draw.choice("ab")) for _ in range(6)) for _ in range(40)]
strange += ["xlower  zß  é 日 x", " lower est ", "l o w", "aaaaaaaaaaaaaaaa banananan", ""]
cases = strange + text["a"][:10] + text["b"][:10]
counts = counted(text["a"], bpe)
THRESHOLD = 4
vocabulary = apply_bpe.read_vocabulary(io.StringIO(counts), THRESHOLD)
restricted = apply_bpe.BPE(io.StringIO(codes), vocab=vocabulary)
json.dump(
    {
        "text": text,
        "codes": codes,
        "counts": counts,
        "threshold": THRESHOLD,
        "cases": [[one, bpe.segment(one), restricted.segment(one)] for one in cases],
    },
    sys.stdout,
    ensure_ascii=False,
    indent=0,
)
print()
