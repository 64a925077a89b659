"""The paper's training step in PyTorch with gradient caching: the peer of bench/fullStep.ts.

All microbatches are embedded without a graph, the losses' gradient of the embeddings is taken once, and each
microbatch is embedded again on the way back.

usage: fullStep.py {eager,compiled} STEPS
prints {"seconds": [...], "peakRssMb"}
"""

import sys

import torch

from common import as_asked, proxy_anchor, time_steps
from hierLoss import Noise, hier_loss
from vit import DIM, SIZE, Network

BATCH, CLASSES, PROXIES, MICRO = 180, 100, 512, 36


def main():
    torch.manual_seed(0)
    network = Network(CLASSES)
    embed = as_asked(network, sys.argv[1])
    tangent = torch.nn.Parameter(torch.randn(PROXIES, DIM) / DIM**0.5 * 2.3 * 0.9)
    images = torch.rand(BATCH, 3, SIZE, SIZE) * 2 - 1
    labels = torch.arange(BATCH) // 2
    parameters = [*network.parameters(), tangent]
    optimizer = torch.optim.AdamW(parameters, lr=1e-5)
    noise = Noise("exact", PROXIES)

    def step():
        optimizer.zero_grad(set_to_none=True)
        parts = images.split(MICRO)
        with torch.no_grad():
            z = torch.cat([embed(part) for part in parts])
        z.requires_grad_()
        loss = proxy_anchor(z, labels, network.proxies) + 0.5 * hier_loss(z, labels, tangent, noise)
        loss.backward()
        for part, grad in zip(parts, z.grad.split(MICRO)):
            embed(part).backward(grad)
        torch.nn.utils.clip_grad_value_(parameters, 10)
        optimizer.step()

    time_steps(step, int(sys.argv[2]), warm_up=1)


main()
