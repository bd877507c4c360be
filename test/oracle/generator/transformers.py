"""Layers of Transformers: PyTorch's modules by their state dicts, and what they lack (RMSNorm, rotary positions) written out."""
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils.stateless import functional_call

from .cases import integers, normal

BATCH, TIME, KEYS, SIZE, HEADS, HIDDEN = 2, 5, 4, 4, 2, 6
# Of heads with two pairs of features, which tell the pairings apart.
WIDE = 8
# Gradients of biases that cancel: a key's bias shifts all scores of a query.
FAINT = 0.1


def transformers(family):
    norms(family)
    rotary(family)
    for options in [
        {},
        {"lengths": [5, 2]},
        {"causal": True},
        {"normFirst": True, "activation": "gelu"},
        {"normFirst": True, "causal": True, "lengths": [3, 5], "layerNormEps": 1e-3},
        {"masked": True, "activation": "gelu"},
        {"masked": True, "causal": True, "lengths": [4, 5], "normFirst": True},
        {"bias": False, "normFirst": True, "causal": True, "activation": "gelu"},
        {"bias": False, "lengths": [1, 5]},
    ]:
        encoder_layer(family, options)
    for options in [
        {},
        {"causal": True, "memoryLengths": [2, 4]},
        {"causal": True, "lengths": [5, 3], "memoryLengths": [4, 1], "normFirst": True},
        {"memoryMasked": True, "activation": "gelu"},
        {"masked": True, "memoryMasked": True, "memoryLengths": [3, 4], "normFirst": True, "activation": "gelu"},
        {"bias": False, "causal": True, "memoryLengths": [1, 3]},
    ]:
        decoder_layer(family, options)
    for options in [{"normFirst": True, "causal": True, "norm": True}, {"lengths": [5, 2]}]:
        encoder(family, options)
    for options in [{"norm": True, "causal": True, "memoryLengths": [4, 2]}, {"normFirst": True, "lengths": [2, 5]}]:
        decoder(family, options)
    for options in [{"causal": True, "sourceLengths": [4, 3]}, {"normFirst": True, "activation": "gelu", "targetLengths": [2, 5]}]:
        transformer(family, options)
    for options in [
        {"rotary": {"pairing": "halves"}, "causal": True},
        {"rotary": {"pairing": "interleaved", "base": 100}, "norm": "rms", "normFirst": True, "lengths": [5, 3]},
        {"norm": "rms", "activation": "silu", "bias": False, "normFirst": True, "causal": True},
        {"activation": "geluTanh", "causal": True, "window": 2},
    ]:
        written_out(family, options)
    gpt(family, "nanogpt", bias=False, tied=True, activation="gelu")
    gpt(family, "nanogpt-bias", bias=True, tied=True, activation="gelu")
    gpt(family, "mingpt", bias=True, tied=False, activation="geluTanh", masks=True)
    gpt(family, "hugging-face", bias=True, tied=True, activation="geluTanh", masks=True, convolutions=True)


def label(options):
    parts = []
    for key, value in options.items():
        if isinstance(value, dict):
            parts += [f"{key}.{each}" for each in value.values()]
        else:
            parts.append(f"{key}" if value is True else f"{key}.{'x'.join(map(str, value)) if isinstance(value, list) else value}")
    return "-".join(parts) or "plain"


def norms(family):
    for shape, normalized, eps in [((3, 5), [5], None), ((2, 3, 8), [8], 1e-3), ((2, 3, 13), [3, 13], 1e-5), ((5, 33), [33], None)]:
        for affine in (True, False):
            name = f"rmsnorm-{'x'.join(map(str, shape))}-last{len(normalized)}-{'affine' if affine else 'plain'}"
            rng = family.rng(name)
            params = {"weight": normal(rng, *normalized)} if affine else {}
            options = {"normalizedShape": normalized, "elementwiseAffine": affine, **({"eps": eps} if eps else {})}
            family.case(
                name, "rmsNorm", options, lambda t: {"output": rms_norm(t["x"], t.get("weight"), eps, len(normalized))},
                {"x": normal(rng, *shape) * 2 + 1}, params,
            )  # fmt: skip


def rms_norm(x, weight, eps=None, axes=1):
    mean = x.pow(2).mean(dim=tuple(range(-axes, 0)), keepdim=True)
    y = x / torch.sqrt(mean + (torch.finfo(torch.float32).eps if eps is None else eps))
    return y if weight is None else y * weight


def rotary(family):
    for shape, pairing, base, start in [
        ((2, 3, 4), "halves", 10000, 0),
        ((2, 3, 4), "interleaved", 10000, 0),
        ((7, 10), "halves", 500, 3),
        ((1, 2, 5, 6), "interleaved", 10, 40),
        ((2, 3, 32), "halves", 10000, 1000),
    ]:
        name = f"rotary-{'x'.join(map(str, shape))}-{pairing}-{base}-from{start}"
        rng = family.rng(name)
        family.case(
            name, "rotary", {"pairing": pairing, "base": base, "start": start},
            lambda t: {"output": turned(t["x"], pairing, base, start)}, {"x": normal(rng, *shape)},
        )  # fmt: skip


def turned(x, pairing="halves", base=10000, start=0):
    """Each pair as a complex number, times e^(i · position · base^(-2 · pair / size)). Angles always in float64."""
    time, size = x.shape[-2:]
    pair = torch.arange(0, size, 2, dtype=torch.float64) / size
    angles = torch.arange(start, start + time, dtype=torch.float64)[:, None] * base ** -pair
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if pairing == "halves":
        a, b = x[..., : size // 2], x[..., size // 2 :]
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)


def module_params(rng, module, bias=True):
    """Random values by the names of a module; without biases those are constants, zeros."""
    params, constants = {}, {}
    for key, value in module.named_parameters():
        shape = tuple(value.shape)
        if key.endswith("bias"):
            if bias:
                params[key] = normal(rng, *shape, scale=0.5)
            else:
                constants[key] = torch.zeros(shape)
        elif len(shape) == 1:
            params[key] = normal(rng, *shape, scale=0.3) + 1
        else:
            params[key] = normal(rng, *shape, scale=shape[-1] ** -0.5)
    return params, constants


def called(module, t, params, constants, *given, **options):
    state = {key: t[key] for key in params}
    state.update({key: value.to(given[0].dtype) for key, value in constants.items()})
    module = module.to(given[0].dtype).train()
    return functional_call(module, state, given, options)


def past(lengths, time):
    return None if lengths is None else torch.arange(time)[None, :] >= torch.tensor(lengths)[:, None]


def kept(x, lengths):
    return x if lengths is None else x.masked_fill(past(lengths, x.shape[1])[:, :, None], 0)


def forbidden(causal, mask, queries, keys):
    """PyTorch's boolean mask: True where a query must not see a key."""
    if not causal and mask is None:
        return None
    no = torch.zeros(queries, keys).bool()
    if mask is not None:
        no = no | (mask == 0)
    if causal:
        no = no | ~torch.ones(queries, keys).bool().tril()
    return no


def mask_of(rng, queries, keys):
    mask = integers(rng, 0, 2, queries, keys)
    mask[:, 0] = 1  # PyTorch gives NaN where nothing is allowed
    return mask


def torch_options(options):
    return {
        "dim_feedforward": HIDDEN, "dropout": 0.0, "activation": options.get("activation", "relu"), "batch_first": True,
        "norm_first": options.get("normFirst", False), "layer_norm_eps": options.get("layerNormEps", 1e-5),
    }  # fmt: skip


def sequence_inputs(rng, options, decodes):
    inputs = {"x": normal(rng, BATCH, TIME, SIZE)}
    if options.get("masked"):
        inputs["mask"] = mask_of(rng, TIME, TIME)
    if decodes:
        inputs["memory"] = normal(rng, BATCH, KEYS, SIZE)
        if options.get("memoryMasked"):
            inputs["memoryMask"] = mask_of(rng, TIME, KEYS)
    return inputs


def given_masks(t, options, decodes, prefix=""):
    mask = forbidden(options.get("causal"), t.get("mask"), TIME, TIME)
    keys = past(options.get("lengths"), TIME)
    if not decodes:
        return {f"{prefix}mask": mask, "src_key_padding_mask": keys}
    return {
        "tgt_mask": mask, "tgt_key_padding_mask": keys, "memory_mask": forbidden(False, t.get("memoryMask"), TIME, KEYS),
        "memory_key_padding_mask": past(options.get("memoryLengths"), KEYS),
    }  # fmt: skip


def encoder_layer(family, options):
    name = f"encoder-layer-{label(options)}"
    rng = family.rng(name)
    module = torch.nn.TransformerEncoderLayer(SIZE, HEADS, **torch_options(options))
    params, constants = module_params(rng, module, options.get("bias", True))

    def compute(t):
        masks = given_masks(t, options, False, "src_")
        return {"output": kept(called(module, t, params, constants, t["x"], **masks), options.get("lengths"))}

    family.case(name, "encoderLayer", options, compute, sequence_inputs(rng, options, False), params, faint=FAINT)


def decoder_layer(family, options):
    name = f"decoder-layer-{label(options)}"
    rng = family.rng(name)
    module = torch.nn.TransformerDecoderLayer(SIZE, HEADS, **torch_options(options))
    params, constants = module_params(rng, module, options.get("bias", True))

    def compute(t):
        masks = given_masks(t, options, True)
        output = called(module, t, params, constants, t["x"], t["memory"], **masks)
        return {"output": kept(output, options.get("lengths"))}

    family.case(name, "decoderLayer", options, compute, sequence_inputs(rng, options, True), params, faint=FAINT)


def encoder(family, options):
    name = f"encoder-{label(options)}"
    rng = family.rng(name)
    layer = torch.nn.TransformerEncoderLayer(SIZE, HEADS, **torch_options(options))
    norm = torch.nn.LayerNorm(SIZE) if options.get("norm") else None
    module = torch.nn.TransformerEncoder(layer, 2, norm)
    params, constants = module_params(rng, module)

    def compute(t):
        output = called(module, t, params, constants, t["x"], **given_masks(t, options, False))
        return {"output": kept(output, options.get("lengths"))}

    family.case(name, "encoder", options, compute, sequence_inputs(rng, options, False), params, faint=FAINT)


def decoder(family, options):
    name = f"decoder-{label(options)}"
    rng = family.rng(name)
    layer = torch.nn.TransformerDecoderLayer(SIZE, HEADS, **torch_options(options))
    norm = torch.nn.LayerNorm(SIZE) if options.get("norm") else None
    module = torch.nn.TransformerDecoder(layer, 2, norm)
    params, constants = module_params(rng, module)

    def compute(t):
        output = called(module, t, params, constants, t["x"], t["memory"], **given_masks(t, options, True))
        return {"output": kept(output, options.get("lengths"))}

    family.case(name, "decoder", options, compute, sequence_inputs(rng, options, True), params, faint=FAINT)


def transformer(family, options):
    name = f"transformer-{label(options)}"
    rng = family.rng(name)
    module = torch.nn.Transformer(SIZE, HEADS, 1, 1, **torch_options(options))
    params, constants = module_params(rng, module)

    def compute(t):
        source_past = past(options.get("sourceLengths"), KEYS)
        output = called(
            module, t, params, constants, t["source"], t["target"],
            tgt_mask=forbidden(options.get("causal"), None, TIME, TIME), src_key_padding_mask=source_past,
            memory_key_padding_mask=source_past, tgt_key_padding_mask=past(options.get("targetLengths"), TIME),
        )  # fmt: skip
        return {"output": kept(output, options.get("targetLengths"))}

    inputs = {"source": normal(rng, BATCH, KEYS, SIZE), "target": normal(rng, BATCH, TIME, SIZE)}
    family.case(name, "transformer", options, compute, inputs, params, faint=FAINT)


def written_out(family, options):
    """An encoder layer by its formulas, for what PyTorch's has not."""
    name = f"encoder-layer-{label(options)}"
    rng = family.rng(name)
    names = torch.nn.TransformerEncoderLayer(WIDE, HEADS, HIDDEN)
    params, _ = module_params(rng, names)
    rms = options.get("norm") == "rms"
    params = {
        key: value for key, value in params.items()
        if not (key.endswith("bias") and (not options.get("bias", True) or (rms and key.startswith("norm"))))
    }  # fmt: skip

    def norm(t, key, x):
        if rms:
            return rms_norm(x, t[f"{key}.weight"], 1e-5)
        return F.layer_norm(x, [WIDE], t[f"{key}.weight"], t.get(f"{key}.bias"))

    def attend(t, x):
        q, k, v = F.linear(x, t["self_attn.in_proj_weight"], t.get("self_attn.in_proj_bias")).chunk(3, -1)
        q, k, v = (part.unflatten(-1, (HEADS, WIDE // HEADS)).transpose(1, 2) for part in (q, k, v))
        if "rotary" in options:
            q, k = turned(q, **options["rotary"]), turned(k, **options["rotary"])
        no = forbidden(options.get("causal"), None, TIME, TIME)
        if "window" in options:
            no = no | torch.ones(TIME, TIME).bool().tril(-options["window"])
        scores = q @ k.transpose(-2, -1) / math.sqrt(WIDE // HEADS)
        if no is not None:
            scores = scores.masked_fill(no, float("-inf"))
        if "lengths" in options:
            scores = scores.masked_fill(past(options["lengths"], TIME)[:, None, None, :], float("-inf"))
        joined = (scores.softmax(-1) @ v).transpose(1, 2).flatten(-2)
        return F.linear(joined, t["self_attn.out_proj.weight"], t.get("self_attn.out_proj.bias"))

    def feed_forward(t, x):
        hidden = F.linear(x, t["linear1.weight"], t.get("linear1.bias"))
        hidden = {
            "relu": F.relu, "silu": F.silu, "geluTanh": lambda y: F.gelu(y, approximate="tanh"),
        }[options.get("activation", "relu")](hidden)  # fmt: skip
        return F.linear(hidden, t["linear2.weight"], t.get("linear2.bias"))

    def compute(t):
        x = t["x"]
        for key, part in (("norm1", attend), ("norm2", feed_forward)):
            x = x + part(t, norm(t, key, x)) if options.get("normFirst") else norm(t, key, x + part(t, x))
        return {"output": kept(x, options.get("lengths"))}

    family.case(name, "wideEncoderLayer", options, compute, {"x": normal(rng, BATCH, TIME, WIDE)}, params, faint=FAINT)


def gpt(family, name, bias, tied, activation, masks=False, convolutions=False):
    """A small GPT-2 by the names that nanoGPT, minGPT and Hugging Face's transformers save."""
    rng = family.rng(f"gpt-{name}")
    tokens, context, layers = 7, 6, 2
    params = {"transformer.wte.weight": normal(rng, tokens, SIZE), "transformer.wpe.weight": normal(rng, context, SIZE)}

    def linear(key, rows, columns):
        params[f"{key}.weight"] = normal(rng, rows, columns, scale=columns**-0.5)
        if bias:
            params[f"{key}.bias"] = normal(rng, rows, scale=0.5)

    def norm(key):
        params[f"{key}.weight"] = normal(rng, SIZE, scale=0.3) + 1
        if bias:
            params[f"{key}.bias"] = normal(rng, SIZE, scale=0.5)

    inputs = {"ids": integers(rng, 0, tokens, BATCH, TIME)}
    for layer in range(layers):
        key = f"transformer.h.{layer}"
        norm(f"{key}.ln_1")
        linear(f"{key}.attn.c_attn", 3 * SIZE, SIZE)
        linear(f"{key}.attn.c_proj", SIZE, SIZE)
        norm(f"{key}.ln_2")
        linear(f"{key}.mlp.c_fc", 4 * SIZE, SIZE)
        linear(f"{key}.mlp.c_proj", SIZE, 4 * SIZE)
    norm("transformer.ln_f")
    if not tied:
        params["lm_head.weight"] = normal(rng, tokens, SIZE, scale=SIZE**-0.5)

    def compute(t):
        def apply(key, x):
            return F.linear(x, t[f"{key}.weight"], t.get(f"{key}.bias"))

        def normalized(key, x):
            return F.layer_norm(x, [SIZE], t[f"{key}.weight"], t.get(f"{key}.bias"))

        x = F.embedding(t["ids"], t["transformer.wte.weight"]) + t["transformer.wpe.weight"][:TIME]
        for layer in range(layers):
            key = f"transformer.h.{layer}"
            parts = apply(f"{key}.attn.c_attn", normalized(f"{key}.ln_1", x)).split(SIZE, -1)
            q, k, v = (part.unflatten(-1, (HEADS, SIZE // HEADS)).transpose(1, 2) for part in parts)
            scores = q @ k.transpose(-2, -1) / math.sqrt(SIZE // HEADS)
            seen = torch.ones(TIME, TIME).bool().tril()
            mixed = scores.masked_fill(~seen, float("-inf")).softmax(-1) @ v
            x = x + apply(f"{key}.attn.c_proj", mixed.transpose(1, 2).flatten(-2))
            hidden = apply(f"{key}.mlp.c_fc", normalized(f"{key}.ln_2", x))
            hidden = F.gelu(hidden, approximate="tanh" if activation == "geluTanh" else "none")
            x = x + apply(f"{key}.mlp.c_proj", hidden)
        return {"logits": F.linear(normalized("transformer.ln_f", x), t["transformer.wte.weight" if tied else "lm_head.weight"])}

    options = {"activation": activation}
    family.case(f"gpt-{name}", "gpt", options, compute, inputs, params, projected=[] if convolutions else None, faint=FAINT)
    if convolutions:
        for key in params:
            if ".c_" in key and key.endswith("weight"):
                family.tensors[f"gpt-{name}/param/{key}"] = np.ascontiguousarray(params[key].T)
    if masks:
        for layer in range(layers):
            mask = np.tril(np.ones((1, 1, context, context), dtype=np.float32))
            family.tensors[f"gpt-{name}/param/transformer.h.{layer}.attn.bias"] = mask
