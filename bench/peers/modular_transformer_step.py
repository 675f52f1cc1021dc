"""Peer: one full-batch training step of the modular-addition transformer (one layer, 4 heads), in PyTorch.

--way notebook   as the studied notebooks write it: weights stored with their outputs as rows, an einsum for each over
                 every position, loss in float64
--way general    the same arithmetic with weights stored with their inputs as rows, which PyTorch computes faster
--way folded     as a PyTorch user could write it best: tables of what a token contributes at a position, through
                 W_V W_O [W_in, W_U] of a head, mixed by the attention of the last position; W_out W_U as one matrix;
                 loss in float32

Checks that the three losses agree on the same weights, then prints one JSON line: torch's version and the
milliseconds of each step.
"""
import argparse
import json
import time

import torch

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--p", type=int, default=113)
parser.add_argument("--fraction", type=float, default=0.3)
parser.add_argument("--steps", type=int, default=8)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--way", choices=["notebook", "general", "folded"], default="notebook")
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(1)
p, d, heads, d_mlp = options.p, 128, 4, 512
d_head, vocabulary = d // heads, p + 1


def weight(*shape, fan_in=d):
    return torch.nn.Parameter(torch.randn(*shape) / fan_in**0.5)


w_e, w_pos = weight(vocabulary, d), weight(3, d)
w_q, w_k, w_v = weight(heads, d, d_head), weight(heads, d, d_head), weight(heads, d, d_head)
w_o = weight(heads, d_head, d)
w_in, b_in = weight(d, d_mlp), torch.nn.Parameter(torch.zeros(d_mlp))
w_out, b_out = weight(d_mlp, d), torch.nn.Parameter(torch.zeros(d))
w_u = weight(d, vocabulary, fan_in=vocabulary)
parameters = [w_e, w_pos, w_q, w_k, w_v, w_o, w_in, b_in, w_out, b_out, w_u]

pairs = torch.randperm(p * p)[: int(options.fraction * p * p)].sort().values
rows = len(pairs)
tokens = torch.stack((pairs // p, pairs % p, torch.full_like(pairs, p)), 1)  # (rows, 3)
labels = tokens[:, :2].sum(1) % p
hidden_ahead = torch.ones(3, 3).triu(1).bool()


def every_position():
    x = w_e[tokens] + w_pos  # (rows, 3, d)
    q, k, v = (torch.einsum("rpd,hde->rphe", x, w) for w in (w_q, w_k, w_v))
    scores = torch.einsum("rqhe,rkhe->rhqk", q, k) / d_head**0.5
    pattern = scores.masked_fill(hidden_ahead, -1e10).softmax(-1)
    z = torch.einsum("rhqk,rkhe->rqhe", pattern, v)
    x = x + torch.einsum("rqhe,hed->rqd", z, w_o)
    hidden = torch.relu(torch.einsum("rpd,dm->rpm", x, w_in) + b_in)
    x = x + torch.einsum("rpm,md->rpd", hidden, w_out) + b_out
    logits = torch.einsum("rpd,dc->rpc", x, w_u)[:, -1]
    return torch.nn.functional.cross_entropy(logits.double(), labels)


def output_rows(weights):
    """The same weights with the last two indices exchanged, stored so."""
    return torch.nn.Parameter(weights.detach().transpose(-2, -1).contiguous())


n_e, n_q, n_k, n_v, n_in, n_out = (output_rows(w) for w in (w_e, w_q, w_k, w_v, w_in, w_out))
n_o = output_rows(w_o.reshape(d, d))


def as_the_notebooks():
    x = torch.einsum("drp->rpd", n_e[:, tokens]) + w_pos
    q, k, v = (torch.einsum("hed,rpd->rhpe", w, x) for w in (n_q, n_k, n_v))
    scores = torch.tril(torch.einsum("rhke,rhqe->rhqk", k, q)) - 1e10 * hidden_ahead
    pattern = torch.softmax(scores / d_head**0.5, -1)
    z = torch.einsum("rhke,rhqk->rhqe", v, pattern).permute(0, 2, 1, 3).reshape(rows, 3, d)
    x = x + torch.einsum("df,rqf->rqd", n_o, z)
    hidden = torch.relu(torch.einsum("md,rpd->rpm", n_in, x) + b_in)
    x = x + torch.einsum("dm,rpm->rpd", n_out, hidden) + b_out
    log_probabilities = torch.log_softmax((x @ w_u)[:, -1].double(), -1)
    return -log_probabilities.gather(-1, labels[:, None]).mean()


# Where a sequence finds its tokens among the table rows: those of position 0, of position 1, then the last one.
places = tokens + torch.tensor([0, vocabulary, vocabulary + 1])
place_of_head = (places[:, :, None] * heads + torch.arange(heads)).view(rows, 3 * heads)
width = d_mlp + vocabulary
gather = torch.nn.functional.embedding


def mixed(scores, table):
    """What attention brings to each sequence. Shapes: scores (rows, 3, heads), table (table rows, heads, width)."""
    # Gathered rows times weights, by a sum, bmm, baddbmm or einsum, take 4 to 8 times as long, one product with the
    # attention as a matrix (rows, table rows heads) 4 times.
    return torch.nn.functional.embedding_bag(place_of_head, table.view(-1, width), mode="sum",
                                             per_sample_weights=scores.softmax(1).view(rows, 3 * heads))


def by_tables():
    behind = torch.cat((w_in, w_u), 1)  # (d, width)
    x = torch.cat((w_e + w_pos[0], w_e + w_pos[1], (w_e[p] + w_pos[2])[None]))  # (table rows, d)
    last = x[-1:]
    query = torch.matmul(last, w_q)  # (heads, 1, d_head)
    key_query = torch.bmm(w_k, query.transpose(1, 2)).view(heads, d).t() / d_head**0.5
    values = torch.matmul(x, w_v)  # (heads, table rows, d_head)
    table = torch.bmm(values, (w_o.view(d, d) @ behind).view(heads, d_head, width)).transpose(0, 1).contiguous()
    rest = torch.cat((b_in, b_out @ w_u)) + (last @ behind)[0]
    sums = mixed(gather(places, x @ key_query), table) + rest
    logits = torch.addmm(sums[:, d_mlp:], torch.relu(sums[:, :d_mlp]), w_out @ w_u)
    return torch.nn.functional.cross_entropy(logits, labels)


with torch.no_grad():
    losses = [loss().item() for loss in (as_the_notebooks, every_position, by_tables)]
assert max(losses) - min(losses) < 1e-5, f"the losses differ: {losses}"

loss_of_all_pairs = {"notebook": as_the_notebooks, "general": every_position, "folded": by_tables}[options.way]
if options.way == "notebook":
    parameters = [n_e, w_pos, n_q, n_k, n_v, n_o, n_in, b_in, n_out, b_out, w_u]
optimiser = torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.98), weight_decay=1.0, foreach=options.way == "folded")
milliseconds = []
for step in range(options.steps + 2):
    start = time.perf_counter()
    loss = loss_of_all_pairs()
    loss.backward()
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    loss.item()
    if step >= 2:
        milliseconds.append(1e3 * (time.perf_counter() - start))
print(json.dumps({"torch": torch.__version__, "milliseconds": milliseconds}))
