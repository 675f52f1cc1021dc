"""Peer: one full-batch training epoch of a network on a group's Cayley table, in PyTorch.

--way notebook   as the studied notebooks write it: embeddings gathered for every pair, loss in float64
--way folded     as a PyTorch user could write it best: embeddings multiplied by the weights once for each element, rows
                 of the products gathered by torch.nn.functional.embedding, loss in float32
--model bilinear the bilinear network, which has nothing to fold

Prints one JSON line: torch's version and the milliseconds of each epoch.
"""
import argparse
import json
import time

import torch

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--order", type=int, default=120)
parser.add_argument("--embed", type=int, default=256)
parser.add_argument("--hidden", type=int, default=128)
parser.add_argument("--fraction", type=float, default=0.4)
parser.add_argument("--epochs", type=int, default=15)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--way", choices=["notebook", "folded"], default="notebook")
parser.add_argument("--model", choices=["mlp", "bilinear"], default="mlp")
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(1)
n, embed, hidden = options.order, options.embed, options.hidden
gather = torch.nn.functional.embedding


def weights(rows, columns):
    return torch.nn.Parameter(torch.randn(rows, columns) / rows**0.5)


w_x, w_y, w = weights(n, embed), weights(n, embed), weights(2 * embed, hidden)
w_u = weights(hidden if options.model == "mlp" else embed, n)
pairs = torch.randperm(n * n)[: int(options.fraction * n * n)]
left, right = pairs // n, pairs % n
labels = (left + right) % n
parameters = [w_x, w_y, w, w_u] if options.model == "mlp" else [w_x, w_y, w_u]
optimiser = torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.98), weight_decay=1.0)


def loss_of_all_pairs():
    if options.model == "bilinear":
        logits = (gather(left, w_x) * gather(right, w_y)) @ w_u
    elif options.way == "notebook":
        logits = torch.relu(torch.hstack((w_x[left], w_y[right])) @ w) @ w_u
    else:
        logits = torch.relu(gather(left, w_x @ w[:embed]) + gather(right, w_y @ w[embed:])) @ w_u
    return torch.nn.functional.cross_entropy(logits.double() if options.way == "notebook" else logits, labels)


milliseconds = []
for epoch in range(options.epochs + 3):
    start = time.perf_counter()
    loss = loss_of_all_pairs()
    loss.backward()
    optimiser.step()
    optimiser.zero_grad()
    loss.item()
    if epoch >= 3:
        milliseconds.append(1e3 * (time.perf_counter() - start))
print(json.dumps({"torch": torch.__version__, "milliseconds": milliseconds}))
