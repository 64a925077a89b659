"""Fine-tuning step of ResNet-50 in PyTorch, channels last, frozen batch norm: the peer of bench/resnet.ts.

usage: resnet.py {eager,compiled} STEPS
prints {"seconds": [...], "peakRssMb"}

Written out, so that no library of models is needed. Statistics are constants; scales and shifts train.
"""

import sys

import torch
import torch.nn.functional as F
from torch import nn

from common import as_asked, proxy_anchor, time_steps, to_ball

BATCH, SIZE, CLASSES, DIM = 16, 224, 8, 128
# Inner channels, blocks, stride of the first (He et al. 2016, table 1).
STAGES = [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]


def unit(inputs, outputs, kernel, stride=1):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]


class Block(nn.Module):
    def __init__(self, inputs, inner, stride):
        super().__init__()
        outputs = 4 * inner
        relu = nn.ReLU(inplace=True)
        self.layers = nn.Sequential(
            *unit(inputs, inner, 1), relu, *unit(inner, inner, 3, stride), relu, *unit(inner, outputs, 1)
        )
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else nn.Sequential(*unit(inputs, outputs, 1, stride))

    def forward(self, x):
        return F.relu(self.layers(x).add_(self.shortcut(x)), inplace=True)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [*unit(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)], 64
        for inner, count, stride in STAGES:
            for i in range(count):
                layers.append(Block(channels, inner, stride if i == 0 else 1))
                channels = 4 * inner
        self.features = nn.Sequential(*layers)
        self.last = nn.Linear(channels, DIM)
        self.proxies = nn.Parameter(torch.randn(CLASSES, DIM))

    def forward(self, images):
        x = self.features(images)
        x = x.mean((2, 3)) + x.amax((2, 3))
        return to_ball(self.last(F.layer_norm(x, x.shape[1:])))


def main():
    torch.manual_seed(0)
    network = Network().to(memory_format=torch.channels_last).eval()
    embed = as_asked(network, sys.argv[1])
    images = torch.randn(BATCH, 3, SIZE, SIZE).to(memory_format=torch.channels_last)
    labels = torch.arange(BATCH) // 2
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-5)

    def step():
        optimizer.zero_grad(set_to_none=True)
        proxy_anchor(embed(images), labels, network.proxies).backward()
        optimizer.step()

    time_steps(step, int(sys.argv[2]))


main()
