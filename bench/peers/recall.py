"""Exact Recall@K with PyTorch: the peer of bench/recall.ts, written to be as fast as PyTorch gets here.

Blocks of Lorentz products, thresholds from a query's matches, comparisons written into a kept float buffer and
summed (faster than summing booleans). "full" multiplies all pairs of blocks; "halved" multiplies each pair once
and counts for rows and columns, as bench/recall.ts does. Rows are sorted by class beforehand, uncounted.

usage: recall.py EMBEDDINGS LABELS ROWS DIM CURVATURE {full,halved} BLOCK K...
prints {"seconds", "peakRssMb", "recall": {"K": value}}
"""

import json
import resource
import sys
import time

import numpy
import torch


def coordinates(points, c):
    square = c * (points * points).sum(1, keepdim=True, dtype=torch.float64)
    space = (2 * c**0.5 / (1 - square)) * points
    height = (1 + square) / (1 - square)
    return torch.cat([space, height], 1).float()


def best_matches(queries, gallery, labels, own, block):
    """Score of each row's best match: matches are neighbours in class order."""
    n = len(labels)
    limits = torch.empty(n)
    for start in range(0, n, block):
        end = min(start + block, n)
        left, right = own[0][start].item(), own[1][end - 1].item()
        scores = queries[start:end] @ gallery[left:right].T
        other = labels[start:end, None] != labels[None, left:right]
        rows = torch.arange(start, end)
        other[rows - start, rows - left] = True
        limits[start:end] = scores.masked_fill_(other, -torch.inf).amax(1)
    return limits


def full(queries, gallery, limits, block):
    n = len(limits)
    reached = torch.zeros(n)
    columns = 8 * block
    scores, flags = torch.empty(block * columns), torch.empty(block * columns)
    for start in range(0, n, block):
        end = min(start + block, n)
        for left in range(0, n, columns):
            right = min(left + columns, n)
            size = (end - start) * (right - left)
            s = torch.mm(queries[start:end], gallery[left:right].T, out=scores[:size].view(end - start, -1))
            f = torch.ge(s, limits[start:end, None], out=flags[:size].view(end - start, -1))
            reached[start:end] += f.sum(1)
    return reached


def halved(queries, gallery, limits, block):
    n = len(limits)
    reached = torch.zeros(n)
    scores, flags = torch.empty(block * block), torch.empty(block * block)
    for start in range(0, n, block):
        end = min(start + block, n)
        for left in range(start, n, block):
            right = min(left + block, n)
            size = (end - start) * (right - left)
            s = torch.mm(queries[start:end], gallery[left:right].T, out=scores[:size].view(end - start, -1))
            f = flags[:size].view(end - start, -1)
            reached[start:end] += torch.ge(s, limits[start:end, None], out=f).sum(1)
            if left > start:
                reached[left:right] += torch.ge(s, limits[None, left:right], out=f).sum(0)
    return reached


def main():
    embeddings, label_file, rows, dim, c, form, block, *ks = sys.argv[1:]
    n, c, block = int(rows), float(c), int(block)
    points = torch.from_numpy(numpy.fromfile(embeddings, numpy.float32).reshape(n, int(dim)))
    labels = torch.from_numpy(numpy.fromfile(label_file, numpy.int32))
    torch.set_grad_enabled(False)
    torch.mm(torch.ones(64, 64), torch.ones(64, 64))

    started = time.perf_counter()
    gallery = coordinates(points, c)
    queries = gallery.clone()
    queries[:, -1] *= -1
    own = torch.searchsorted(labels, labels), torch.searchsorted(labels, labels, right=True)
    limits = best_matches(queries, gallery, labels, own, 512)
    reached = {"full": full, "halved": halved}[form](queries, gallery, limits, block)
    # Of all that reaches the limit, the row itself and its matches do not count.
    itself = (queries * gallery).sum(1) >= limits
    ranks = reached - itself.float()
    kept = own[1] - own[0] > 1
    recall = {k: (ranks[kept] <= int(k)).float().mean().item() for k in ks}
    seconds = time.perf_counter() - started

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peakRssMb": peak, "recall": recall}))


main()
