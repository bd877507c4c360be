# The taggers of recipes.mjs in PyTorch, for speed: the sizes, batches and letters of speed.mjs, a CRF computed as
# pytorch-crf computes it.
#   python3 bench/tasks/tagging/peer.py --task conll2003
import argparse
import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "peers"))
import openblas

openblas.use_fastest_core()
import torch
from torch import nn

# words, labels, words in a sentence, batch, hidden size, characters, shape size, intents
TASKS = {
    "atis": (730, 121, 12, 16, 150, "cnn", 0, 20),
    "gmb_ner": (28000, 17, 22, 32, 100, "cnn", 10, 0),
    "conll2003": (17500, 17, 15, 16, 100, "lstm", 10, 0),
    "keyphrase": (9000, 5, 130, 16, 100, "cnn", 10, 0),
}
LETTERS = 7


class Tagger(nn.Module):
    def __init__(self, words, labels, hidden, characters, shape, intents):
        super().__init__()
        self.words = nn.Embedding(words, 100)
        self.letters = nn.Embedding(30, 30 if characters == "cnn" else 25)
        self.cnn = nn.Conv1d(30, 50, 3, padding=1) if characters == "cnn" else None
        self.spell = None if self.cnn else nn.LSTM(25, 25, batch_first=True, bidirectional=True)
        self.shapes = nn.Embedding(13, shape) if shape else None
        self.lstm = nn.LSTM(150 + shape, hidden, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden, labels)
        self.intent = nn.Linear(2 * hidden, intents) if intents else None
        self.drop = nn.Dropout(0.5)
        self.start, self.end = (nn.Parameter(torch.zeros(labels)) for _ in range(2))
        self.transitions = nn.Parameter(torch.zeros(labels, labels))

    def loss(self, ids, letters, shapes, tags, intents):
        vectors = self.letters(letters)
        if self.cnn:
            spelled = self.cnn(vectors.transpose(1, 2)).amax(2)
        else:
            h = self.spell(vectors)[1][0]
            spelled = torch.cat([h[0], h[1]], 1)
        parts = [self.words(ids), spelled.view(*ids.shape, -1)]
        if self.shapes:
            parts.append(self.shapes(shapes))
        hidden = self.drop(self.lstm(self.drop(torch.cat(parts, 2)))[0])
        loss = self.chain(self.head(hidden), tags)
        if self.intent:
            loss = loss + nn.functional.cross_entropy(self.intent(hidden.amax(1)), intents)
        return loss

    def chain(self, emissions, tags):
        own = emissions.gather(2, tags.unsqueeze(2)).sum((1, 2))
        own = own + self.transitions[tags[:, :-1], tags[:, 1:]].sum(1)
        own = own + self.start[tags[:, 0]] + self.end[tags[:, -1]]
        alpha = self.start + emissions[:, 0]
        for t in range(1, emissions.shape[1]):
            scores = alpha.unsqueeze(2) + self.transitions + emissions[:, t].unsqueeze(1)
            alpha = torch.logsumexp(scores, 1)
        return (torch.logsumexp(alpha + self.end, 1) - own).sum() / tags.numel()


parser = argparse.ArgumentParser()
parser.add_argument("--task", choices=TASKS, required=True)
parser.add_argument("--steps", type=int, default=60)
options = parser.parse_args()
torch.manual_seed(1)
words, labels, span, batch, hidden, characters, shape, intents = TASKS[options.task]
model = Tagger(words, labels, hidden, characters, shape, intents)
parameters = list(model.parameters())
optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0)
best = float("inf")
for _ in range(options.steps):
    ids = torch.randint(words, (batch, span))
    letters = torch.randint(30, (batch * span, LETTERS))
    shapes = torch.randint(13, (batch, span))
    tags = torch.randint(labels, (batch, span))
    intent = torch.randint(max(intents, 1), (batch,))
    began = time.process_time()
    loss = model.loss(ids, letters, shapes, tags, intent)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, 5)
    optimizer.step()
    best = min(best, time.process_time() - began)
rate = round(batch * span / best)
print(json.dumps({"task": options.task, **openblas.versions(), "tokensPerSecondOfBestStep": rate}))
