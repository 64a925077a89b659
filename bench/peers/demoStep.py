"""One training step of the demo recipe in PyTorch: the peer of bench/demoStep.ts.

usage: demoStep.py RECIPE-AS-JSON {contiguous,channels-last} {eager,compiled} STEPS
prints {"seconds": [...], "peakRssMb"}
"""

import json
import sys

import torch
import torch.nn.functional as F
from torch import nn

from common import as_asked, proxy_anchor, time_steps, to_ball
from hierLoss import Noise, hier_loss


def unit(inputs, outputs, kernel, stride=1):
    padding = 1 if kernel == 3 else 0
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Block(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.inside = nn.Sequential(unit(width, inner, 1), unit(inner, inner, 3))
        self.wide = nn.Conv2d(inner, width, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return F.relu(self.norm(self.wide(self.inside(x))).add_(x), inplace=True)


class Network(nn.Module):
    def __init__(self, backbone, dim):
        super().__init__()
        layers = [unit(3, backbone["patch"], 2, 2), unit(backbone["patch"], backbone["stem"], 3)]
        width = backbone["stem"]
        for channels, blocks, inner in zip(backbone["widths"], backbone["blocks"], backbone["bottleneck"]):
            layers.append(unit(width, channels, 2, 2))
            layers += [Block(channels, inner) for _ in range(blocks)]
            width = channels
        self.layers = nn.Sequential(*layers)
        self.last = nn.Linear(width, dim)

    def forward(self, images):
        x = self.layers(images)
        x = x.mean((2, 3)) + x.amax((2, 3))
        return to_ball(self.last(F.layer_norm(x, x.shape[1:])))


def main():
    recipe, layout, how, steps = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    dim, size, classes = recipe["head"]["embeddingSize"], recipe["batch"]["size"], recipe["classes"]
    hier = recipe["losses"]["hier"]
    torch.manual_seed(0)
    network = Network(recipe["backbone"], dim)
    images = torch.randn(size, 3, recipe["images"]["size"], recipe["images"]["size"])
    if layout == "channels-last":
        network, images = (x.to(memory_format=torch.channels_last) for x in (network, images))
    embed = as_asked(network, how)
    labels = torch.arange(size) // recipe["batch"]["imagesPerClass"]
    anchors = torch.randn(classes, dim).requires_grad_()
    tangent = (torch.randn(hier["proxies"], dim) / dim**0.5 * 2.3 * 0.9).requires_grad_()
    noise = Noise("exact", hier["proxies"])
    parameters = [*network.parameters(), anchors, tangent]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        z = embed(images)
        loss = proxy_anchor(z, labels, anchors)
        if hier["weight"] > 0:
            regularizer = hier_loss(z, labels, tangent, noise, 0, hier["neighbours"], hier["triplets"])
            loss = loss + hier["weight"] * regularizer
        loss.backward()
        nn.utils.clip_grad_value_(parameters, recipe["optimizer"]["gradientClamp"])
        optimizer.step()

    time_steps(step, steps)


main()
