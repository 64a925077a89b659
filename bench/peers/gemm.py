"""Square matrix products in PyTorch: the peer of bench/gemmLimit.ts.

usage: gemm.py SIDE TIMES
prints {"seconds": of the fastest}
"""

import json
import sys
import time

import torch

side, times = int(sys.argv[1]), int(sys.argv[2])
a, b = torch.rand(side, side), torch.rand(side, side)
y = torch.mm(a, b)
seconds = []
for _ in range(times):
    started = time.perf_counter()
    torch.mm(a, b, out=y)
    seconds.append(time.perf_counter() - started)
print(json.dumps({"seconds": min(seconds)}))
