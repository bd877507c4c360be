"""A whole Seq2Seq model of a Transformer: PyTorch's encoder and decoder by their state dicts, between embeddings that are scaled,
positions, and an output layer. Batches are padded here, with masks of keys.
"""
import math

import torch
import torch.nn.functional as F

from .cases import normal
from .seq2seq import END, TOKENS, sequence
from .transformers import called, module_params, past

SIZE, HEADS, HIDDEN, LAYERS = 8, 2, 6, 2
PAIRS = [(5, 4), (1, 7), (8, 1)]
CONTEXT = 9
FAINT = 0.1


def seq2seq_transformer(family):
    for name, options in [
        ("sinusoidal", {"positions": "sinusoidal", "normFirst": False, "tieEmbeddings": "all"}),
        ("learned", {"positions": "learned", "normFirst": True, "tieEmbeddings": "target"}),
        ("apart", {"positions": "sinusoidal", "normFirst": True, "tieEmbeddings": "none"}),
    ]:
        model(family, name, options)


def model(family, name, options):
    rng = family.rng(name)
    given = {
        "dim_feedforward": HIDDEN, "dropout": 0.0, "batch_first": True, "norm_first": options["normFirst"],
    }  # fmt: skip
    encoder = torch.nn.TransformerEncoder(
        torch.nn.TransformerEncoderLayer(SIZE, HEADS, **given), LAYERS, torch.nn.LayerNorm(SIZE), enable_nested_tensor=False
    )
    decoder = torch.nn.TransformerDecoder(
        torch.nn.TransformerDecoderLayer(SIZE, HEADS, **given), LAYERS, torch.nn.LayerNorm(SIZE)
    )
    tied, learned = options["tieEmbeddings"], options["positions"] == "learned"
    params = {}

    def add(key, *shape, factor=1.0):
        params[key] = normal(rng, *shape, scale=factor * shape[-1] ** -0.5)

    for side in ("encoder", "writer"):
        if side == "encoder" or tied != "all":
            add(f"{side}.embedding.weight", TOKENS, SIZE)
        if learned:
            add(f"{side}.positions.weight", CONTEXT, SIZE)
        module = encoder if side == "encoder" else decoder
        params.update({f"{side}.transformer.{key}": value for key, value in module_params(rng, module)[0].items()})
    if tied == "none":
        add("writer.head.weight", TOKENS, SIZE)
    add("writer.head.bias", TOKENS)
    inputs = {}
    for i, (read, written) in enumerate(PAIRS):
        inputs[f"source{i}"] = sequence(rng, read)
        inputs[f"target{i}"] = sequence(rng, written)

    def compute(t):
        table = t["encoder.embedding.weight"]
        written = table if tied == "all" else t["writer.embedding.weight"]
        sources = [t[f"source{i}"] for i in range(len(PAIRS))]
        targets = [t[f"target{i}"] for i in range(len(PAIRS))]
        shifted = [torch.cat([torch.tensor([END]), target[:-1]]) for target in targets]
        lengths = [len(each) for each in sources]
        padding = past(lengths, max(lengths))

        def vectors(side, weight, sequences):
            ids = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True)
            x = F.embedding(ids, weight) * math.sqrt(SIZE)
            time = ids.shape[1]
            return x + (t[f"{side}.positions.weight"][:time] if learned else sinusoids(time).to(x.dtype))

        def run(side, module, *given, **masks):
            prefix = f"{side}.transformer."
            state = {key: t[prefix + key] for key, _ in module.named_parameters()}
            return called(module, state, state, {}, *given, **masks)

        memory = run("encoder", encoder, vectors("encoder", table, sources), src_key_padding_mask=padding)
        x = vectors("writer", written, shifted)
        causal = ~torch.ones(x.shape[1], x.shape[1]).bool().tril()
        # Where the last layer looks, which its forward leaves out.
        attention = decoder.layers[-1].multihead_attn
        own, seen = attention.forward, []

        def watched(query, key, value, **kwargs):
            output, weights = own(query, key, value, **{**kwargs, "need_weights": True})
            seen.append(weights)
            return output, weights

        attention.forward = watched
        output = run("writer", decoder, x, memory, tgt_mask=causal, memory_key_padding_mask=padding)
        attention.forward = own
        rows = torch.cat([output[i, : len(target)] for i, target in enumerate(targets)])
        head = {"all": table, "target": written, "none": t.get("writer.head.weight")}[tied]
        logits = F.linear(rows, head, t["writer.head.bias"])
        loss = F.cross_entropy(logits, torch.cat(targets), label_smoothing=0.1)
        return {"logits": logits, "loss": loss, "weights": seen[-1][0, : len(targets[0]), : lengths[0]]}

    family.case(
        name, "seq2seqTransformer",
        {**options, "pairs": len(PAIRS), "labelSmoothing": 0.1, "numHeads": HEADS, "numLayers": LAYERS, "contextLength": CONTEXT},
        compute, inputs, params, projected=["logits", "loss"], faint=FAINT,
    )  # fmt: skip


def sinusoids(time):
    """Vaswani et al. (2017), section 3.5."""
    position = torch.arange(time, dtype=torch.float64)[:, None]
    pair = torch.arange(0, SIZE, 2, dtype=torch.float64) / SIZE
    angles = position * 10000 ** -pair
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(-2)
