"""Attention: scaled dot products, and several heads."""
import torch
import torch.nn.functional as F

from .cases import integers, normal
from .operations import label


def attention(family):
    scaled_dot_product(family)
    multihead(family)
    multihead_masked(family)


def scaled_dot_product(family):
    for shape, keys, width, causal, masked in [
        ((2, 5, 4), 5, 3, False, False),
        ((2, 5, 4), 5, 3, True, False),
        ((2, 3, 4, 8), 6, 8, False, True),
        ((1, 2, 1, 3), 7, 5, False, True),
        ((1, 1), 1, 1, False, False),
    ]:
        name = f"sdpa-{label(shape)}-{keys}keys-{width}{'-causal' if causal else ''}{'-mask' if masked else ''}"
        rng = family.rng(name)
        inputs = {
            "query": normal(rng, *shape),
            "key": normal(rng, *shape[:-2], keys, shape[-1]),
            "value": normal(rng, *shape[:-2], keys, width),
        }
        if masked:
            mask = integers(rng, 0, 2, shape[-2], keys)
            mask[:, 0] = 1  # PyTorch gives NaN where nothing is allowed
            inputs["mask"] = mask

        def compute(t):
            scores = t["query"] @ t["key"].transpose(-2, -1) / shape[-1] ** 0.5
            allowed = t["mask"] != 0 if masked else torch.ones(shape[-2], keys).bool()
            if causal:
                allowed = allowed.tril()
            return {"output": scores.masked_fill(~allowed, float("-inf")).softmax(-1) @ t["value"]}

        family.case(name, "scaledDotProductAttention", {"causal": causal}, compute, inputs)


def multihead(family):
    for batch, queries, keys, size, heads, bias, lengths, kdim, vdim in [
        (2, 5, 5, 8, 2, True, None, 8, 8),
        (2, 3, 6, 6, 3, True, [6, 2], 6, 6),
        (1, 4, 4, 4, 1, False, None, 4, 4),
        (3, 1, 5, 8, 8, True, [1, 5, 3], 8, 8),
        (2, 3, 5, 6, 2, True, [5, 3], 4, 7),
        (2, 3, 4, 6, 3, False, None, 6, 5),
    ]:
        name = f"mha-{batch}x{queries}x{keys}-{size}by{heads}-{'bias' if bias else 'nobias'}{'' if lengths is None else '-lengths'}"
        together = kdim == size and vdim == size
        if not together:
            name += f"-{kdim}and{vdim}"
        rng = family.rng(name)
        scale = size**-0.5
        if together:
            params = {"in_proj_weight": normal(rng, 3 * size, size, scale=scale)}
        else:
            columns = {"q": size, "k": kdim, "v": vdim}
            params = {f"{part}_proj_weight": normal(rng, size, width, scale=scale) for part, width in columns.items()}
        params["out_proj.weight"] = normal(rng, size, size, scale=scale)
        if bias:
            params["in_proj_bias"] = normal(rng, 3 * size)
            params["out_proj.bias"] = normal(rng, size)
        past = None if lengths is None else torch.arange(keys)[None, :] >= torch.tensor(lengths)[:, None]

        def compute(t):
            output, weights = F.multi_head_attention_forward(
                *(t[key].transpose(0, 1) for key in ("query", "key", "value")), size, heads,
                t.get("in_proj_weight"), t.get("in_proj_bias"), None, None, False, 0.0, t["out_proj.weight"],
                t.get("out_proj.bias"), key_padding_mask=past, average_attn_weights=False,
                use_separate_proj_weight=not together, q_proj_weight=t.get("q_proj_weight"),
                k_proj_weight=t.get("k_proj_weight"), v_proj_weight=t.get("v_proj_weight"),
            )  # fmt: skip
            return {"output": output.transpose(0, 1), "weights": weights}

        family.case(
            name,
            "multiheadAttention",
            {"size": size, "heads": heads, "bias": bias, "lengths": lengths, "kdim": kdim, "vdim": vdim},
            compute,
            {"query": normal(rng, batch, queries, size), "key": normal(rng, batch, keys, kdim), "value": normal(rng, batch, keys, vdim)},
            params,
        )


def multihead_masked(family):
    """Without weights: what else a key may be hidden by, all at once."""
    for batch, queries, keys, size, heads, lengths, causal, masked in [
        (2, 5, 5, 8, 2, None, True, None),
        (3, 6, 6, 6, 3, [6, 2, 4], True, None),
        (2, 4, 7, 8, 4, [7, 3], False, (1, 1, 4, 7)),
        (2, 5, 5, 6, 2, [5, 4], True, (2, 2, 5, 5)),
        (2, 100, 100, 4, 1, [100, 97], True, (2, 1, 1, 100)),
    ]:
        by_mask = "" if masked is None else f"-mask{label(masked)}"
        name = f"mha-{batch}x{queries}x{keys}-{size}by{heads}{'' if lengths is None else '-lengths'}{'-causal' if causal else ''}{by_mask}"
        rng = family.rng(name)
        scale = size**-0.5
        params = {
            "in_proj_weight": normal(rng, 3 * size, size, scale=scale),
            "out_proj.weight": normal(rng, size, size, scale=scale),
            "in_proj_bias": normal(rng, 3 * size),
            "out_proj.bias": normal(rng, size),
        }
        inputs = {"query": normal(rng, batch, queries, size), "key": normal(rng, batch, keys, size), "value": normal(rng, batch, keys, size)}
        if masked is not None:
            mask = integers(rng, 0, 2, *masked)
            mask[..., 0] = 1  # PyTorch gives NaN where nothing is allowed
            inputs["mask"] = mask
        past = None if lengths is None else torch.arange(keys)[None, :] >= torch.tensor(lengths)[:, None]

        def compute(t):
            hidden = torch.zeros(batch, heads, queries, keys, dtype=torch.bool)
            if masked is not None:
                hidden = hidden | (t["mask"] == 0)
            if causal:
                hidden = hidden | torch.ones(queries, keys).bool().triu(1)
            output, _ = F.multi_head_attention_forward(
                *(t[key].transpose(0, 1) for key in ("query", "key", "value")), size, heads, t["in_proj_weight"],
                t["in_proj_bias"], None, None, False, 0.0, t["out_proj.weight"], t["out_proj.bias"], key_padding_mask=past,
                attn_mask=hidden.reshape(batch * heads, queries, keys), need_weights=False,
            )  # fmt: skip
            return {"output": output.transpose(0, 1)}

        family.case(name, "multiheadAttentionMasked", {"size": size, "heads": heads, "lengths": lengths, "causal": causal}, compute, inputs, params)
