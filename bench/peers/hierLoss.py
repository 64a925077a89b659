"""The HIER loss in PyTorch in Gram form, mining vectorised: the peer of bench/hierLoss.ts.

The straight-through gradient is taken of the soft choices alone, weighted by what the hinges send back, which
spares the T x P one-hot matrices. Rows are looked up by embedding(), whose way back runs on all threads.

usage: hierLoss.py {exact,pool} PIECE STEPS   (PIECE triplets at a time, 0 for all)
prints {"seconds": [...], "peakRssMb"}
"""

import sys

import torch
import torch.nn.functional as F

from common import time_steps, to_ball

POOL_ROWS = 8192


def distances(x, y, c=0.1):
    xx, yy = (x * x).sum(1, keepdim=True), (y * y).sum(1)
    product = x @ y.T
    square = (xx + yy - 2 * product).clamp_min(1e-12)
    bottom = 1 - 2 * c * product + c * c * xx * yy
    size = (square * bottom).sqrt() / (bottom + 1e-5)
    d = (2 / c**0.5) * torch.atanh((c**0.5 * size).clamp(max=1 - 1e-5))
    if x is not y:
        return d
    return d.masked_fill(torch.eye(len(x), dtype=torch.bool), 0)


@torch.no_grad()
def mine(similarity, k, per_anchor):
    """Anchors, related and unrelated nodes by reciprocal neighbours; both drawn with replacement."""
    n = len(similarity)
    near = torch.zeros(n, n).scatter_(1, similarity.topk(k, 1).indices, 1.0)
    mutual = (near * near.T).fill_diagonal_(0)
    anchors = (mutual.sum(1) >= 2).nonzero()[:, 0]
    related = mutual[anchors]
    j = torch.multinomial(related, per_anchor, replacement=True)
    k = torch.multinomial(1 - related, per_anchor, replacement=True)
    return anchors.repeat_interleave(per_anchor), j.flatten(), k.flatten()


class Noise:
    """Standard Gumbel noise, drawn anew or as rows of a pool."""

    def __init__(self, kind, width):
        self.pool = self.draw(POOL_ROWS, width) if kind == "pool" else None
        self.width = width

    @staticmethod
    def draw(rows, width):
        return torch.empty(rows, width).exponential_().log_().neg_()

    def __call__(self, rows):
        if self.pool is None:
            return self.draw(rows, self.width)
        return self.pool[torch.randint(POOL_ROWS, (rows,))]


def hinges(cp, i, j, k, noise, margin=0.1, tau=0.1):
    """Sum over triplets of the three hinges, with the straight-through gradient."""
    a, b, c = (F.embedding(node, cp) for node in (i, j, k))
    pair = torch.maximum(a, b)
    triple = torch.maximum(pair, c)
    pair_logits = torch.sub(noise(len(i)), pair, alpha=1 / tau)
    triple_logits = torch.sub(noise(len(i)), triple, alpha=1 / tau)
    with torch.no_grad():
        near, far = pair_logits.argmax(1, True), triple_logits.argmax(1, True)
        apart = (near != far).float()[:, 0]
    at = lambda x, place: x.gather(1, place)[:, 0]  # noqa: E731
    h1 = F.relu(at(a, near) - at(a, far) + margin)
    h2 = F.relu(at(b, near) - at(b, far) + margin)
    h3 = F.relu(at(c, far) - at(c, near) + margin)
    value = (apart * (h1 + h2 + h3)).sum()
    with torch.no_grad():
        e1, e2, e3 = ((apart * (h > 0))[:, None] for h in (h1, h2, h3))
        upstream = (a * e1).addcmul_(b, e2).addcmul_(c, e3, value=-1)
    soft = (pair_logits.softmax(1) * upstream).sum() - (triple_logits.softmax(1) * upstream).sum()
    return value + (soft - soft.detach())


def term(cp, triplets, noise, piece):
    """Mean over triplets. In pieces, each goes forward and back while it is in the cache."""
    count = len(triplets[0])
    if count == 0:
        return cp.sum() * 0
    if piece == 0:
        return hinges(cp, *triplets, noise) / count
    leaf = cp.detach().requires_grad_()
    total = 0.0
    for start in range(0, count, piece):
        part = hinges(leaf, *(x[start : start + piece] for x in triplets), noise) / count
        part.backward()
        total += part.detach()
    surrogate = (cp * leaf.grad).sum()
    return total + (surrogate - surrogate.detach())


def hier_loss(z, labels, tangent, noise, piece=0, k=20, per_anchor=50):
    points = to_ball(tangent)
    between = distances(points, points)
    with torch.no_grad():
        similarity = torch.exp(-distances(z, z)) + (labels[:, None] == labels[None]).float()
        of_samples = mine(similarity, k, per_anchor)
        of_proxies = mine(torch.exp(-between), k, per_anchor)
    samples = term(distances(z, points), of_samples, noise, piece)
    return samples + term(between, of_proxies, noise, piece)


def main():
    kind, piece, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.manual_seed(0)
    batch, proxies, dim = 180, 512, 128
    labels = torch.arange(batch) // 2
    centres = torch.randn(batch // 2, dim).repeat_interleave(2, 0)
    z = to_ball(centres + torch.randn(batch, dim)).detach().requires_grad_()
    tangent = (torch.randn(proxies, dim) / dim**0.5 * 2.3 * 0.9).requires_grad_()
    noise = Noise(kind, proxies)

    def step():
        z.grad = tangent.grad = None
        hier_loss(z, labels, tangent, noise, piece).backward()

    time_steps(step, steps)


if __name__ == "__main__":
    main()
