"""Fine-tuning step of MobileNetV2 1.0 in PyTorch, channels last: the peer of bench/mobilenet.ts.

usage: mobilenet.py {eager,compiled} STEPS
prints {"seconds": [...], "peakRssMb"}

Written out, so that no library of models is needed. Convolutions have a bias, into which batch norm is folded.
"""

import sys

import torch
import torch.nn.functional as F
from torch import nn

from common import as_asked, proxy_anchor, time_steps, to_ball

BATCH, SIZE, CLASSES, DIM = 90, 160, 45, 256
# Expansion, channels, blocks, stride of the first (Sandler et al. 2018, table 2).
STAGES = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
]


def unit(inputs, outputs, kernel=1, stride=1, groups=1, activation=True):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups)]
    return nn.Sequential(*layers, *([nn.ReLU6(inplace=True)] if activation else []))


class Block(nn.Module):
    def __init__(self, inputs, outputs, expansion, stride):
        super().__init__()
        inner = inputs * expansion
        self.layers = nn.Sequential(
            *([unit(inputs, inner)] if expansion > 1 else []),
            unit(inner, inner, 3, stride, inner),
            unit(inner, outputs, activation=False),
        )
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.layers(x) if self.residual else self.layers(x)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [unit(3, 32, 3, 2)], 32
        for expansion, outputs, count, stride in STAGES:
            for i in range(count):
                layers.append(Block(channels, outputs, expansion, stride if i == 0 else 1))
                channels = outputs
        self.features = nn.Sequential(*layers, unit(channels, 1280))
        self.last = nn.Linear(1280, DIM)
        self.proxies = nn.Parameter(torch.randn(CLASSES, DIM))

    def forward(self, images):
        x = self.features(images).mean((2, 3))
        return to_ball(self.last(F.layer_norm(x, (1280,))))


def main():
    torch.manual_seed(0)
    network = Network().to(memory_format=torch.channels_last)
    embed = as_asked(network, sys.argv[1])
    images = (torch.rand(BATCH, 3, SIZE, SIZE) * 2 - 1).to(memory_format=torch.channels_last)
    labels = torch.arange(BATCH) // 2
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-5)

    def step():
        optimizer.zero_grad(set_to_none=True)
        proxy_anchor(embed(images), labels, network.proxies).backward()
        optimizer.step()

    time_steps(step, int(sys.argv[2]))


if __name__ == "__main__":
    main()
