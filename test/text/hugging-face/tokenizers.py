"""Tokenizers and their ids by Hugging Face's own library, for hugging-face.test.ts.

    pip install tokenizers==0.23.2
    python3 test/text/hugging-face/tokenizers.py > test/text/hugging-face/tokenizers.json
"""

import json
import random
import sys

# This file has the library's name.
sys.path.pop(0)
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models  # noqa: E402
from tokenizers import normalizers as n, pre_tokenizers as p, trainers  # noqa: E402

draw = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
CASES = int(sys.argv[2]) if len(sys.argv) > 2 else 14

SYLLABLES = "lo we r est ne ing ban an s it's ни же ло ß ä e\u0301 中 文 😀 12 7 ... - ' '".split()
STRANGE = (
    list("aAzZ09 .,;:!?'\"-_$+<=>^`|~()[]{}#@/\\\t\n\r  ")
    + "é É ǅ ﬁ İ ς Σ ſ K ½ ² ٣ ० 〇 中 ひ ｶ 한 ก ́ ̈ ः 👩‍👩‍👧 🇩🇪 ✌🏽 \u00a0 \u2003 \u3000 \u200b \u200d \ufeff \u0085 \u2028 ▁ Ġ </w> <s> [X] <0x41> ’ “ « ‿ € № 're 'S 'LL".split(" ")
    + ["<s>", " ", "lo", "west", "ing"]
)


def word():
    return "".join(draw.choice(SYLLABLES) for _ in range(1 + min(int(draw.expovariate(0.6)), 5)))


WORDS = [word() for _ in range(120)]


def line():
    words = draw.choices(WORDS, [(1 + rank) ** -0.7 for rank in range(len(WORDS))], k=draw.randint(3, 9))
    return draw.choice(["", "", " ", "  "]) + draw.choice([" ", " ", " ", ", ", "  ", "\n"]).join(words)


def strange():
    return "".join(draw.choice(STRANGE) for _ in range(draw.randint(1, 24)))


TEXTS = [line() for _ in range(200)]
GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
)


def trained(size, normalizer=None, pre=None, decoder=None, added=(), bpe=None, **trainer):
    tokenizer = Tokenizer(models.BPE(**(bpe or {})))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre:
        tokenizer.pre_tokenizer = pre
    if decoder:
        tokenizer.decoder = decoder
    tokenizer.train_from_iterator(
        TEXTS, trainers.BpeTrainer(vocab_size=size, show_progress=False, **trainer)
    )
    for token in added:
        (tokenizer.add_special_tokens if token.special else tokenizer.add_tokens)([token])
    return tokenizer


BYTES = {"initial_alphabet": p.ByteLevel.alphabet()}
BYTE_TOKENS = [f"<0x{byte:02X}>" for byte in range(256)]
made = {
    "GPT-2": trained(
        330,
        pre=p.ByteLevel(add_prefix_space=False),
        decoder=decoders.ByteLevel(),
        special_tokens=["<s>"],
        **BYTES,
    ),
    "ByteLevel, prefix space, NFC, added tokens": trained(
        300,
        normalizer=n.NFC(),
        pre=p.ByteLevel(),
        decoder=decoders.ByteLevel(),
        added=[
            AddedToken("[X]", lstrip=True, rstrip=True, special=True),
            AddedToken("west", single_word=True, normalized=True),
            AddedToken("<s>", rstrip=True, normalized=False),
        ],
        **BYTES,
    ),
    "GPT-4's pattern": trained(
        300,
        pre=p.Sequence(
            [p.Split(Regex(GPT4), "isolated"), p.ByteLevel(add_prefix_space=False, use_regex=False)]
        ),
        decoder=decoders.ByteLevel(),
        bpe={"ignore_merges": True},
        **BYTES,
    ),
    "Llama": trained(
        360,
        normalizer=n.Sequence([n.Prepend("▁"), n.Replace(" ", "▁")]),
        decoder=decoders.Sequence(
            [
                decoders.Replace("▁", " "),
                decoders.ByteFallback(),
                decoders.Fuse(),
                decoders.Strip(" ", 1, 0),
            ]
        ),
        bpe={"unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True},
        special_tokens=["<unk>", "<s>", *BYTE_TOKENS],
        max_token_length=8,
    ),
    "Metaspace": trained(
        120,
        pre=p.Metaspace(prepend_scheme="first"),
        decoder=decoders.Metaspace(prepend_scheme="first"),
        bpe={"unk_token": "<unk>", "fuse_unk": True},
        special_tokens=["<unk>", "<s>"],
    ),
    "Metaspace, always, whole": trained(
        120,
        normalizer=n.Sequence([n.NFKC(), n.Replace(Regex(" {2,}"), " ")]),
        pre=p.Metaspace(prepend_scheme="always", split=False),
        decoder=decoders.Metaspace(prepend_scheme="always"),
        bpe={"unk_token": "<unk>"},
        special_tokens=["<unk>"],
        max_token_length=6,
    ),
    "end of word": trained(
        120,
        normalizer=n.Sequence([n.NFD(), n.Lowercase(), n.StripAccents()]),
        pre=p.Whitespace(),
        decoder=decoders.BPEDecoder("</w>"),
        bpe={"unk_token": "<unk>", "end_of_word_suffix": "</w>"},
        special_tokens=["<unk>"],
        end_of_word_suffix="</w>",
    ),
    "continuing": trained(
        120,
        normalizer=n.Sequence([n.Strip(), n.NFKD()]),
        pre=p.Sequence([p.WhitespaceSplit(), p.Punctuation(), p.Digits(True)]),
        bpe={"continuing_subword_prefix": "##"},
        continuing_subword_prefix="##",
    ),
    "splits": trained(
        100,
        pre=p.Sequence(
            [
                p.Split(Regex(r"\w+\b|\d|[^\S\r\n]{2,}"), "merged_with_previous"),
                p.Split("-", "merged_with_next"),
                p.Split(Regex(r"\b"), "isolated"),
                p.Split(Regex(r"(?=ß)|x*"), "contiguous"),
                p.Split(Regex("[.,;]"), "contiguous"),
                p.Punctuation("removed"),
                p.Split(Regex(r"\h|(?<=l)o|^n|e$"), "removed", invert=False),
                p.Digits(),
            ]
        ),
        decoder=decoders.Fuse(),
    ),
}

ids = {}
for name, tokenizer in made.items():
    texts = ["", *TEXTS[:2], *(strange() for _ in range(CASES))]
    rows = []
    for text in texts:
        encoded = tokenizer.encode(text, add_special_tokens=False).ids
        rows.append([text, encoded, tokenizer.decode(encoded)])
    file = json.loads(tokenizer.to_str())
    for unread in ["version", "truncation", "post_processor"]:
        del file[unread]
    ids[name] = {"file": file, "cases": rows}
json.dump(ids, sys.stdout, ensure_ascii=False, separators=(",", ":"))
print()
