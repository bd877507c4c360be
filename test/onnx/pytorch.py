"""Models exported by PyTorch with what they give, a JSON object a line."""

import base64
import io
import json
import warnings

import torch
from torch import nn

warnings.filterwarnings("ignore")
torch.manual_seed(1)


class Recurrent(nn.Module):
    def __init__(self, layer, head):
        super().__init__()
        self.layer, self.head = layer, head

    def forward(self, x):
        return self.head(self.layer(x)[0])


class Steps(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.head = nn.GRU(5, 6, num_layers=2, batch_first=True), nn.Linear(6, 3)

    def forward(self, x, h0):
        output, hn = self.gru(x, h0)
        return self.head(output), hn


class Packed(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 6, bidirectional=True, batch_first=True)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        output, (hn, cn) = self.lstm(packed)
        return nn.utils.rnn.pad_packed_sequence(output, batch_first=True)[0], hn, cn


class Attending(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.project = nn.LayerNorm(8), nn.Linear(8, 24)

    def forward(self, x):
        q, k, v = self.project(self.norm(x)).chunk(3, dim=-1)
        weights = (q @ k.transpose(1, 2) / 8**0.5).softmax(-1)
        return nn.functional.gelu(weights @ v) + x


class Heads(nn.Module):
    """`padding`: which keys do not count is an input; `causal`: a mask made of the time."""

    def __init__(self, kind):
        super().__init__()
        self.kind, self.attention = kind, nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x, padding=None):
        mask = None
        if self.kind == "causal":
            mask = torch.triu(torch.full((x.shape[1], x.shape[1]), float("-inf")), 1)
        return self.attention(x, x, x, key_padding_mask=padding, attn_mask=mask)[0]


class Decoder(nn.Module):
    """Causal attention as GPT-2 has it: by a buffer that is cut."""

    def __init__(self):
        super().__init__()
        self.project, self.out = nn.Linear(8, 24), nn.Linear(8, 8)
        self.register_buffer("seen", torch.tril(torch.ones(16, 16)).view(1, 1, 16, 16))

    def forward(self, x):
        batch, time, size = x.shape
        q, k, v = [part.view(batch, time, 2, 4).transpose(1, 2) for part in self.project(x).split(8, dim=2)]
        scores = (q @ k.transpose(-2, -1)) * 0.5
        scores = scores.masked_fill(self.seen[:, :, :time, :time] == 0, float("-inf"))
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).contiguous().view(batch, time, size))


class Speech(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv1d(5, 8, 3, stride=2, padding=1), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(2)
        )
        self.lstm, self.head = nn.LSTM(8, 6, num_layers=2, bidirectional=True), nn.Linear(12, 4)

    def forward(self, x):
        read = self.convolutions(x.transpose(1, 2)).permute(2, 0, 1)
        return self.head(self.lstm(read)[0]).log_softmax(-1)


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(11, 5), nn.RNN(5, 6, nonlinearity="relu", batch_first=True)

    def forward(self, ids):
        return self.rnn(self.embedding(ids))[0].mean(1)


def packed(value):
    return {
        "type": str(value.dtype).split(".")[1],
        "shape": list(value.shape),
        "data": value.double().flatten().tolist(),
    }


def export(name, model, inputs, opset, names, outputs, dynamic):
    model.eval()
    file = io.BytesIO()
    axes = {each: {int(k): v for k, v in own.items()} for each, own in dynamic.items()}
    torch.onnx.export(
        model, inputs, file, input_names=names, output_names=outputs, opset_version=opset, dynamic_axes=axes
    )
    with torch.no_grad():
        right = model(*inputs)
    right = right if isinstance(right, tuple) else (right,)
    print(
        json.dumps(
            {
                "name": f"{name}, opset {opset}",
                "model": base64.b64encode(file.getvalue()).decode(),
                "inputs": {each: packed(value) for each, value in zip(names, inputs)},
                "outputs": {each: packed(value) for each, value in zip(outputs, right)},
            }
        )
    )


x = torch.randn(2, 7, 5)
STEPS = {"x": {0: "batch", 1: "time"}}
for opset in [9, 11, 13, 14, 16, 17]:
    export("LSTM", Recurrent(nn.LSTM(5, 6, num_layers=2, bidirectional=True, batch_first=True), nn.Linear(12, 3)), (x,), opset, ["x"], ["y"], STEPS)
    export("GRU", Recurrent(nn.GRU(5, 6, batch_first=True), nn.Linear(6, 3)), (x,), opset, ["x"], ["y"], STEPS)
    export("steps", Steps(), (x, torch.randn(2, 2, 6)), opset, ["x", "h0"], ["y", "hn"], {**STEPS, "h0": {1: "batch"}})
    export("lengths", Packed(), (x, torch.tensor([7, 4])), opset, ["x", "lengths"], ["y", "hn", "cn"], {**STEPS, "lengths": {0: "batch"}})
    export("attention", Attending(), (torch.randn(2, 7, 8),), opset, ["x"], ["y"], STEPS)
    export("speech", Speech(), (torch.randn(2, 12, 5),), opset, ["x"], ["y"], STEPS)
    export("tokens", Tokens(), (torch.randint(0, 11, (2, 7)),), opset, ["ids"], ["y"], {"ids": {0: "batch", 1: "time"}})
export("Transformer", nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2), (torch.randn(2, 7, 8),), 14, ["x"], ["y"], STEPS)
HEADS = torch.randn(2, 7, 8)
PADDING = torch.arange(7)[None] >= torch.tensor([7, 4])[:, None]
for opset in [11, 14, 17]:
    export("attention of heads", Heads("plain"), (HEADS,), opset, ["x"], ["y"], STEPS)
    export("attention of heads, padding", Heads("padding"), (HEADS, PADDING), opset, ["x", "padding"], ["y"], {**STEPS, "padding": STEPS["x"]})
    export("attention of a decoder", Decoder(), (HEADS,), opset, ["x"], ["y"], STEPS)
for opset in [14, 17]:
    export("attention of heads, causal", Heads("causal"), (HEADS,), opset, ["x"], ["y"], STEPS)
