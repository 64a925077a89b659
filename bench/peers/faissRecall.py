"""Exact Recall@K with faiss: its flat search in Lorentz coordinates, as deep as the largest K. A peer of bench/recall.ts.

usage: faissRecall.py EMBEDDINGS LABELS ROWS DIM CURVATURE K...
prints {"seconds", "peakRssMb", "recall": {"K": value}}

It makes more than is asked for here, the neighbours themselves, which is how recall is measured with it.
"""

import json
import os
import resource
import sys
import time

import faiss
import numpy


def main():
    embeddings, label_file, rows, dim, c, *ks = sys.argv[1:]
    n, c, deepest = int(rows), float(c), max(map(int, ks))
    points = numpy.fromfile(embeddings, numpy.float32).reshape(n, int(dim))
    labels = numpy.fromfile(label_file, numpy.int32)
    faiss.omp_set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

    started = time.perf_counter()
    square = c * (points.astype(numpy.float64) ** 2).sum(1, keepdims=True)
    gallery = numpy.hstack([(2 * c**0.5 / (1 - square)) * points, (1 + square) / (1 - square)]).astype(numpy.float32)
    queries = gallery.copy()
    queries[:, -1] *= -1
    index = faiss.IndexFlatIP(gallery.shape[1])
    index.add(gallery)
    found = numpy.empty((n, deepest + 1), numpy.int64)
    for start in range(0, n, 4096):
        found[start : start + 4096] = index.search(queries[start : start + 4096], deepest + 1)[1]
    # The row itself does not count, wherever it stands; a row that is not among its own neighbours loses its last one.
    right = labels[found] == labels[:, None]
    itself = found == numpy.arange(n)[:, None]
    right &= ~itself
    kept = numpy.bincount(labels)[labels] > 1
    first = numpy.where(right.any(1), right.argmax(1), deepest + 1)
    first -= (itself.cumsum(1)[numpy.arange(n), numpy.minimum(first, deepest)]).astype(first.dtype)
    recall = {k: float((first[kept] < int(k)).mean()) for k in ks}
    seconds = time.perf_counter() - started

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peakRssMb": peak, "recall": recall}))


main()
