"""Peer: one full-batch training epoch of the one-layer MLP on a group's Cayley table, written as the studied notebooks
write it: embeddings gathered for every pair, loss in float64, AdamW. PyTorch, one thread.

Prints one JSON line: torch's version and the milliseconds of each epoch.
"""
import argparse
import json
import time

import torch

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--order", type=int, default=120)
parser.add_argument("--embed", type=int, default=256)
parser.add_argument("--hidden", type=int, default=128)
parser.add_argument("--fraction", type=float, default=0.4)
parser.add_argument("--epochs", type=int, default=15)
options = parser.parse_args()

torch.set_num_threads(1)
torch.manual_seed(1)
n, embed, hidden = options.order, options.embed, options.hidden


def weights(rows, columns):
    return torch.nn.Parameter(torch.randn(rows, columns) / rows**0.5)


w_x, w_y, w, w_u = weights(n, embed), weights(n, embed), weights(2 * embed, hidden), weights(hidden, n)
pairs = torch.randperm(n * n)[: int(options.fraction * n * n)]
left, right = pairs // n, pairs % n
labels = (left + right) % n
optimiser = torch.optim.AdamW([w_x, w_y, w, w_u], lr=1e-3, betas=(0.9, 0.98), weight_decay=1.0)

milliseconds = []
for epoch in range(options.epochs + 3):
    start = time.perf_counter()
    logits = torch.relu(torch.hstack((w_x[left], w_y[right])) @ w) @ w_u
    loss = torch.nn.functional.cross_entropy(logits.double(), labels)
    loss.backward()
    optimiser.step()
    optimiser.zero_grad()
    loss.item()
    if epoch >= 3:
        milliseconds.append(1e3 * (time.perf_counter() - start))
print(json.dumps({"torch": torch.__version__, "milliseconds": milliseconds}))
