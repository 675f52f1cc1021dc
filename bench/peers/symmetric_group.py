"""Peer: irreps of a symmetric group, its Fourier transform, and the explanation of a network on its Cayley table, in
numpy and PyTorch, with whole arrays at a time, as a user of these could write it best.

irreps     Young's orthogonal form of every partition, then the matrices of all elements, from shorter words to longer ones
transform  128 functions on the group, in float32
explain    checkpoints of the published network (256, 128), in float64: losses and accuracies, and for each irrep its shares
           of the embeddings, the cosine of the logits with chi(a b c^-1), and the losses without and from that part alone.
           Tables of chi(a b c^-1), n^3 numbers for each irrep, are made once

Prints one JSON line: torch's version, the milliseconds of each call, and those of what is made once.
"""
import argparse
import itertools
import json
import math
import time

import numpy as np
import torch

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("what", choices=["irreps", "transform", "explain"])
parser.add_argument("--n", type=int, default=5)
parser.add_argument("--calls", type=int, default=9)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(1)
degree = options.n
permutations = np.array(list(itertools.permutations(range(degree))))
order = len(permutations)
places = np.array([math.factorial(degree - 1 - i) for i in range(degree)])


def ranks(images):
    smaller = (images[:, None, :] < images[:, :, None]) & np.tri(degree, degree, -1, dtype=bool).T[None]
    return smaller.sum(axis=2) @ places


def partitions(rest, largest):
    if rest == 0:
        yield ()
    for first in range(min(rest, largest), 0, -1):
        for others in partitions(rest - first, first):
            yield (first, *others)


def tableaux(shape):
    """Standard tableaux, each as the row of every entry."""
    def extend(rows, counts):
        if len(rows) == degree:
            yield rows
            return
        for row, length in enumerate(shape):
            if counts[row] < length and (row == 0 or counts[row - 1] > counts[row]):
                yield from extend((*rows, row), counts[:row] + (counts[row] + 1,) + counts[row + 1:])
    return sorted(extend((), (0,) * len(shape)))


def adjacent_transpositions(shape):
    all_rows = tableaux(shape)
    index = {rows: i for i, rows in enumerate(all_rows)}
    matrices = np.zeros((degree - 1, len(all_rows), len(all_rows)))
    for rows, i in index.items():
        contents = [rows[:entry].count(row) - row for entry, row in enumerate(rows)]
        for s in range(degree - 1):
            r = contents[s + 1] - contents[s]
            matrices[s, i, i] = 1 / r
            swapped = (*rows[:s], rows[s + 1], rows[s], *rows[s + 2:])
            if swapped != rows and swapped in index:
                matrices[s, index[swapped], i] = math.sqrt(1 - 1 / r**2)
    return matrices


def words():
    """For each length, the elements, and the shorter element and transposition that each is a product of: first the
    shorter one, then the transposition."""
    parent, last = np.full(order, -1), np.zeros(order, int)
    level, levels = np.array([0]), []
    parent[0] = 0
    while len(level):
        following = []
        for s in range(degree - 1):
            images = permutations[level]
            low, high = images == s, images == s + 1
            products = ranks(images + low - high)
            fresh = parent[products] < 0
            parent[products[fresh]], last[products[fresh]] = level[fresh], s
            following.append(products[fresh])
        level = np.concatenate(following)
        if len(level):
            levels.append((level, parent[level], last[level]))
    return levels


def irreps():
    levels = words()
    result = []
    for shape in partitions(degree, degree):
        generators = adjacent_transpositions(shape)
        d = generators.shape[1]
        rho = np.zeros((order, d, d))
        rho[0] = np.eye(d)
        for elements, shorter, transposition in levels:
            rho[elements] = rho[shorter] @ generators[transposition]
        result.append(rho)
    return result


def timed(call):
    milliseconds = []
    for _ in range(options.calls):
        start = time.perf_counter()
        call()
        milliseconds.append(1e3 * (time.perf_counter() - start))
    return milliseconds


def explanation():
    """The function that explains a checkpoint."""
    products = torch.tensor(ranks(np.take_along_axis(
        np.broadcast_to(permutations[None], (order, order, degree)), np.broadcast_to(permutations[:, None], (order, order, degree)),
        axis=2).reshape(-1, degree)).reshape(order, order))
    inverse = torch.tensor(ranks(np.argsort(permutations, axis=1)))
    rho = irreps()
    characters = [torch.tensor(np.trace(r, axis1=1, axis2=2)) for r in rho]
    of_quotient = products[products.flatten()[:, None], inverse[None, :]]  # (pairs, classes): a b c^-1
    traces = [chi[of_quotient] for chi in characters]
    bases = [torch.tensor(r.reshape(order, -1) * math.sqrt(r.shape[1] / order)) for r in rho]
    labels = products.flatten()
    train = torch.randperm(order**2)[: int(0.4 * order**2)]
    loss = torch.nn.functional.cross_entropy

    def explain():
        w_x, w_y = torch.randn(order, 256).double() / 16, torch.randn(order, 256).double() / 16
        w, w_u = torch.randn(512, 128).double() / 16, torch.randn(128, order).double() / 11
        x, y = w_x @ w[:256], w_y @ w[256:]
        logits = torch.relu(x[:, None] + y[None]).reshape(order**2, 128) @ w_u
        found = [loss(logits, labels), loss(logits[train], labels[train]), (logits.argmax(1) == labels).double().mean()]
        centred = logits - logits.mean(1, keepdim=True)
        norm = centred.norm()
        for trace, basis in zip(traces, bases):
            along = (centred * trace).sum() / (trace * trace).sum()
            part = along * trace
            found += [along * trace.norm() / norm, loss(part, labels), loss((centred - part)[train], labels[train])]
            found += [(basis.T @ e).norm() ** 2 / e.norm() ** 2 for e in (x, y, w_u.T)]
        return [float(f) for f in found]

    return explain


start = time.perf_counter()
if options.what == "irreps":
    milliseconds, once = timed(irreps), 0
elif options.what == "transform":
    basis = torch.tensor(np.concatenate([r.reshape(order, -1) * math.sqrt(r.shape[1] / order) for r in irreps()], axis=1)).float()
    assert torch.allclose(basis.T @ basis, torch.eye(order), atol=1e-5)
    functions = torch.randn(order, 128)
    once = 1e3 * (time.perf_counter() - start)
    options.calls *= 20
    milliseconds = timed(lambda: basis.T @ functions)
else:
    explain = explanation()
    once = 1e3 * (time.perf_counter() - start)
    milliseconds = timed(explain)
print(json.dumps({"torch": torch.__version__, "milliseconds": milliseconds, "once": once}))
