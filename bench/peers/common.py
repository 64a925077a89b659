"""What the training peers share: timing, points of the Poincaré ball, Proxy Anchor."""

import json
import os
import resource
import shutil
import sys
import time

import torch
import torch.nn.functional as F


def time_steps(step, count, warm_up=2):
    """Runs step() a few times uncounted, then count times, and prints what bench/sideBySide.ts reads."""
    seconds = []
    for i in range(warm_up + count):
        started = time.perf_counter()
        step()
        if i >= warm_up:
            seconds.append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peakRssMb": peak}))


def as_asked(module, how):
    """The module itself ("eager"), or torch.compile of it ("compiled"), which wants a C++ compiler on a CPU."""
    if how == "eager":
        return module
    if not hasattr(torch, "compile") or not (os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")):
        print(json.dumps({"skipped": "torch.compile needs PyTorch 2 and a C++ compiler"}))
        sys.exit()
    return torch.compile(module)


class RiemannianScale(torch.autograd.Function):
    """x itself; its gradient is multiplied by the inverse metric there."""

    @staticmethod
    def forward(ctx, x, c):
        ctx.save_for_backward(x)
        ctx.c = c
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * ((1 - ctx.c * (x * x).sum(1, keepdim=True)) ** 2 / 4), None


def to_ball(v, c=0.1, radius=2.3):
    """Clip, exponential map at the origin, gradient scale."""
    norm = v.norm(dim=1, keepdim=True) + 1e-5
    v = v * torch.clamp(radius / norm, max=1)
    root = c**0.5
    size = root * v.norm(dim=1, keepdim=True).clamp_min(1e-5)
    return RiemannianScale.apply(torch.tanh(size) * v / size, c)


def proxy_anchor(x, labels, proxies, alpha=32.0, margin=0.1):
    """As bench's own side: log-sum-exps over the batch by class."""
    cosine = F.linear(F.normalize(x), F.normalize(proxies))
    own = F.one_hot(labels, len(proxies)).bool()
    zero = torch.zeros(1, len(proxies))
    pull = torch.where(own, -alpha * (cosine - margin), torch.tensor(-torch.inf))
    push = torch.where(own, torch.tensor(-torch.inf), alpha * (cosine + margin))
    present = own.any(0).sum()
    return (
        torch.cat([zero, pull]).logsumexp(0).sum() / present + torch.cat([zero, push]).logsumexp(0).mean()
    )
