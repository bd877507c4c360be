# The model of speed.mjs in PyTorch, with its weights: translates what comes in, line by line, and says how long it took.
#   python3 bench/tasks/seq2seq/peer.py WEIGHTS   (speed.mjs starts it)
# A line in: {"beams": 5, "length": 13, "sources": [[ids], …], "batch": 1}; a line out: {"seconds": …, "texts": [[ids], …]}.
import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "peers"))
import openblas

openblas.use_fastest_core()
import torch
from torch import nn
from torch.nn.functional import linear
from weights import read_weights


class Translator(nn.Module):
    """Bidirectional LSTM, LSTM with attention "general" and input feeding, one matrix for all embeddings and the output."""

    def __init__(self, weights):
        super().__init__()
        self.table = nn.Parameter(weights["encoder.embedding.weight"])
        tokens, embedding = self.table.shape
        hidden = weights["writer.recurrent.weight_hh_l0"].shape[1]
        self.end = tokens - 1
        self.encoder = nn.LSTM(embedding, hidden // 2, batch_first=True, bidirectional=True)
        self.bridges = nn.ModuleList(nn.Linear(hidden, hidden) for _ in "hc")
        self.key = nn.Linear(hidden, hidden, bias=False)
        self.cell = nn.LSTMCell(2 * embedding, hidden)
        self.combine = nn.Linear(2 * hidden, embedding, bias=False)
        self.bias = nn.Parameter(weights["writer.head.bias"])
        with torch.no_grad():
            for name, parameter in self.encoder.named_parameters():
                parameter.copy_(weights[f"encoder.recurrent.{name}"])
            for part, bridge in zip("hc", self.bridges):
                bridge.weight.copy_(weights[f"writer.bridge.{part}.weight"])
                bridge.bias.copy_(weights[f"writer.bridge.{part}.bias"])
            self.key.weight.copy_(weights["writer.recurrent.attention.keyProjection.weight"])
            for name, parameter in self.cell.named_parameters():
                parameter.copy_(weights[f"writer.recurrent.{name}_l0"])
            self.combine.weight.copy_(weights["writer.recurrent.combine.weight"])

    def begin(self, sources):
        lengths = torch.tensor([len(each) for each in sources])
        ids = nn.utils.rnn.pad_sequence([torch.tensor(each) for each in sources], batch_first=True)
        vectors = self.table[ids]
        mask = None
        if len(sources) > 1:
            packed = nn.utils.rnn.pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
            output, state = self.encoder(packed)
            output, _ = nn.utils.rnn.pad_packed_sequence(output, batch_first=True)
            mask = torch.arange(output.shape[1])[None, None, :] >= lengths[:, None, None]
        else:
            output, state = self.encoder(vectors)
        h, c = (torch.tanh(bridge(torch.cat([x[0], x[1]], 1))) for bridge, x in zip(self.bridges, state))
        fed = h.new_zeros(len(sources), self.table.shape[1])
        # Laid out as products read them, once for all steps.
        return (self.key(output).transpose(1, 2).contiguous(), output, mask), (h, c, fed)

    def step(self, memory, state, ids):
        """Logits of all rows: as many of each source, one behind another."""
        keys, values, mask = memory
        h, c, fed = state
        h, c = self.cell(torch.cat([self.table[ids], fed], 1), (h, c))
        query = h.view(keys.shape[0], -1, h.shape[1])
        scores = query @ keys
        if mask is not None:
            scores = scores.masked_fill(mask, float("-inf"))
        context = (torch.softmax(scores, 2) @ values).view(h.shape[0], -1)
        vector = torch.tanh(self.combine(torch.cat([context, h], 1)))
        return linear(vector, self.table, self.bias), (h, c, vector)

    def greedy(self, sources, length):
        memory, state = self.begin(sources)
        ids = torch.full((len(sources),), self.end)
        texts, total = [], torch.zeros(len(sources))
        for _ in range(length):
            logits, state = self.step(memory, state, ids)
            own = torch.log_softmax(logits, 1)
            own[:, self.end] = float("-inf")
            most, ids = own.max(1)
            total = total + most
            texts.append(ids)
        return torch.stack(texts, 1).tolist()

    def search(self, sources, length, beams):
        """The best of each source; its texts go on to the end, so that none is complete before."""
        memory, state = self.begin(sources)
        count = len(sources)
        first_rows = beams * torch.arange(count)[:, None]
        ids = torch.full((count,), self.end)
        texts, total, width = None, torch.zeros(count, 1), 1
        for _ in range(length):
            logits, state = self.step(memory, state, ids)
            own = torch.log_softmax(logits, 1)
            own[:, self.end] = float("-inf")
            tokens = own.shape[1]
            ranked = (total.view(-1, 1) + own).view(count, width * tokens)
            total, places = ranked.topk(beams, 1)
            rows = torch.div(places, tokens, rounding_mode="floor")
            ids = (places - rows * tokens).view(-1)
            rows = (rows + (first_rows if width > 1 else torch.arange(count)[:, None])).view(-1)
            state = tuple(part.index_select(0, rows) for part in state)
            texts = ids[:, None] if texts is None else torch.cat([texts.index_select(0, rows), ids[:, None]], 1)
            width = beams
        return texts.view(count, beams, -1)[:, 0].tolist()


model = Translator(read_weights(sys.argv[1])).eval()
print(json.dumps(openblas.versions()), flush=True)
with torch.inference_mode():
    for line in sys.stdin:
        asked = json.loads(line)
        sources, size = asked["sources"], asked["batch"]
        texts, began = [], time.process_time()
        for at in range(0, len(sources), size):
            batch = sources[at : at + size]
            if asked["beams"] == 1:
                texts += model.greedy(batch, asked["length"])
            else:
                texts += model.search(batch, asked["length"], asked["beams"])
        print(json.dumps({"seconds": time.process_time() - began, "texts": texts}), flush=True)
