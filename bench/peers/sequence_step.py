"""Peer: one training step of the sequence studies in PyTorch: induction, addition of digits, or skip trigrams.

--way notebook   as the studied notebooks write it: weights stored with their outputs as rows, an einsum for each, every
                 position to the end, loss in float64 (induction: float32)
--way best       as a PyTorch user could write it best: queries, keys and values in one product, batched products for
                 attention, in the last layer only the positions that the loss reads, loss in float32; skip trigrams by
                 one score vector and one mean of the residual stream

Checks that both losses agree on the same weights, then prints one JSON line: torch's version and the milliseconds of
each step.
"""
import argparse
import json
import time

import torch

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("task", choices=["induction", "digits", "trigram"])
parser.add_argument("--steps", type=int, default=12)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--way", choices=["notebook", "best"], default="notebook")
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(1)
layers, d, heads, d_head, rows, length, vocabulary, classes, d_mlp = {
    "induction": (2, 48, 4, 12, 128, 85, 128, 128, 0),
    "digits": (1, 512, 4, 128, 64, 18, 12, 10, 2048),
    "trigram": (1, 32, 1, 8, 256, 42, 22, 10, 0),
}[options.task]
width = heads * d_head
is_induction = options.task == "induction"
residuals = 2 if is_induction else 1
log_softmax, relu = torch.nn.functional.log_softmax, torch.relu

if options.task == "trigram":
    tokens = torch.randint(2, 12, (rows, length))
    labels = torch.randint(0, 10, (rows, 1))
    tokens[torch.arange(rows), torch.randint(1, 41, (rows,))] = 12 + labels[:, 0]
    tokens[:, 0], tokens[:, -1] = 0, 1
    read = torch.full((rows, 1), length - 1)
elif options.task == "digits":
    tokens = torch.randint(0, 10, (rows, length))
    tokens[:, 5], tokens[:, 11] = 10, 11
    labels = tokens[:, 12:]
    read = torch.arange(11, 17).expand(rows, 6)
else:
    tokens = torch.randint(1, vocabulary, (rows, length))
    tokens[:, 0] = 0
    read = torch.stack([torch.cat((29 + torch.arange(15) + torch.randint(0, 13, ()),
                                   57 + torch.arange(15) + torch.randint(0, 13, ()))) for _ in range(rows)])
    labels = tokens.gather(1, read + 1)
targets = labels.numel()
ahead = torch.ones(length, length).triu(1)


def parameter(*shape, fan_in=d):
    return torch.nn.Parameter(torch.randn(*shape) / fan_in**0.5)


def parameter_of(tensor):
    return torch.nn.Parameter(tensor.detach().contiguous().clone())


# Outputs as rows, as the notebooks store them.
w_e, w_pos, w_u = parameter(d, vocabulary), parameter(length, d), parameter(d, classes, fan_in=classes)
blocks = []
for _ in range(layers):
    block = {name: parameter(heads, d_head, d) for name in "qkv"}
    block["o"] = parameter(d, width)
    if d_mlp:
        block.update(w_in=parameter(d_mlp, d), b_in=torch.nn.Parameter(torch.zeros(d_mlp)), w_out=parameter(d, d_mlp),
                     b_out=torch.nn.Parameter(torch.zeros(d)))
    blocks.append(block)


def as_the_notebooks():
    x = torch.einsum("drp->rpd", w_e[:, tokens]) + w_pos
    for block in blocks:
        q, k, v = (torch.einsum("hed,rpd->rhpe", block[name], x) for name in "qkv")
        scores = torch.tril(torch.einsum("rhke,rhqe->rhqk", k, q)) - 1e10 * ahead
        pattern = torch.softmax(scores / d_head**0.5, -1)
        z = torch.einsum("rhke,rhqk->rhqe", v, pattern).permute(0, 2, 1, 3).reshape(rows, length, width)
        x = residuals * x + torch.einsum("df,rqf->rqd", block["o"], z)
        if d_mlp:
            hidden = relu(torch.einsum("md,rpd->rpm", block["w_in"], x) + block["b_in"])
            x = x + torch.einsum("dm,rpm->rpd", block["w_out"], hidden) + block["b_out"]
    logits = x @ w_u
    log_probabilities = log_softmax(logits if is_induction else logits.double(), -1)
    at_targets = log_probabilities.gather(1, read[:, :, None].expand(-1, -1, classes))
    return -at_targets.gather(-1, labels[:, :, None]).mean()


# Inputs as rows, queries, keys and values side by side.
t_e = parameter_of(w_e.t())
t_blocks = []
for block in blocks:
    t_block = {"qkv": parameter_of(torch.cat([block[name].reshape(width, d) for name in "qkv"]).t()),
               "o": parameter_of(block["o"].t())}
    if d_mlp:
        t_block.update(w_in=parameter_of(block["w_in"].t()), b_in=parameter_of(block["b_in"]),
                       w_out=parameter_of(block["w_out"].t()), b_out=parameter_of(block["b_out"]))
    t_blocks.append(t_block)
mask = torch.zeros(length, length).masked_fill(ahead.bool(), -1e10)
read_mask = mask[read].repeat_interleave(heads, 0)  # (rows heads, read positions, keys)
read_rows = (read + length * torch.arange(rows)[:, None]).view(-1)


def by_head(x, positions):
    """(rows positions, width) as (rows heads, positions, d_head)."""
    return x.view(rows, positions, heads, d_head).transpose(1, 2).reshape(rows * heads, positions, d_head)


def best():
    x = torch.nn.functional.embedding(tokens, t_e) + w_pos
    if options.task == "trigram":
        block = t_blocks[0]
        w_q, w_k, w_v = block["qkv"].split(width, 1)
        last = x[:1, -1]  # the last token is the same in every sequence
        key_query = w_k @ (last @ w_q).t() / d_head**0.5
        pattern = torch.softmax((x.view(-1, d) @ key_query).view(rows, 1, length), -1)
        mean = torch.bmm(pattern, x).view(rows, d)
        logits = mean @ (w_v @ (block["o"] @ w_u)) + last @ w_u
        return torch.nn.functional.cross_entropy(logits, labels.view(-1))
    x = x.view(rows * length, d)
    for i, block in enumerate(t_blocks):
        is_last = i + 1 == layers
        positions = read.shape[1] if is_last else length
        if is_last:
            stream = torch.nn.functional.embedding(read_rows, x)
            q = stream @ block["qkv"][:, :width]
            k, v = (x @ block["qkv"][:, width:]).split(width, 1)
        else:
            stream = x
            q, k, v = (x @ block["qkv"]).split(width, 1)
        scores = torch.baddbmm(read_mask if is_last else mask, by_head(q, positions),
                               by_head(k, length).transpose(1, 2), alpha=d_head**-0.5)
        z = torch.bmm(torch.softmax(scores, -1), by_head(v, length))
        z = z.view(rows, heads, positions, d_head).transpose(1, 2).reshape(rows * positions, width)
        x = torch.addmm(residuals * stream, z, block["o"])
        if d_mlp:
            hidden = relu(torch.addmm(block["b_in"], x, block["w_in"]))
            x = x + torch.addmm(block["b_out"], hidden, block["w_out"])
    return torch.nn.functional.cross_entropy(x @ w_u, labels.reshape(-1))


with torch.no_grad():
    losses = [loss().item() for loss in (as_the_notebooks, best)]
assert abs(losses[0] - losses[1]) < 1e-4, f"the losses differ: {losses}"

is_best = options.way == "best"
loss_of_batch = best if is_best else as_the_notebooks
used = t_blocks if is_best else blocks
parameters = [t_e if is_best else w_e, w_pos, w_u] + [weights for block in used for weights in block.values()]
optimiser = torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.98), weight_decay=0.1, foreach=is_best)
milliseconds = []
for step in range(options.steps + 2):
    start = time.perf_counter()
    loss = loss_of_batch()
    loss.backward()
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    loss.item()
    if step >= 2:
        milliseconds.append(1e3 * (time.perf_counter() - start))
print(json.dumps({"torch": torch.__version__, "milliseconds": milliseconds}))
