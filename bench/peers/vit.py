"""ViT-S/16 training step in PyTorch: the peer of bench/vit.ts.

usage: vit.py {eager,compiled} STEPS
prints {"seconds": [...], "peakRssMb"}
"""

import sys

import torch
import torch.nn.functional as F
from torch import nn

from common import as_asked, proxy_anchor, time_steps, to_ball

BATCH, SIZE, PATCH, WIDTH, DEPTH, HEADS, CLASSES, DIM = 16, 224, 16, 384, 12, 6, 8, 128


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-6)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.proj = nn.Linear(WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-6)
        self.fc1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.fc2 = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, HEADS, d // HEADS).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v)
        x = x + self.proj(mixed.transpose(1, 2).reshape(b, t, d))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class Network(nn.Module):
    def __init__(self, classes=CLASSES):
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, PATCH, PATCH)
        self.start = nn.Parameter(torch.randn(1, 1, WIDTH) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, (SIZE // PATCH) ** 2 + 1, WIDTH) * 0.02)
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-6)
        self.last = nn.Linear(WIDTH, DIM)
        self.proxies = nn.Parameter(torch.randn(classes, DIM))

    def forward(self, images):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.start.expand(len(x), -1, -1), x], 1) + self.positions
        for block in self.blocks:
            x = block(x)
        return to_ball(self.last(F.layer_norm(self.norm(x[:, 0]), (WIDTH,))))


def main():
    torch.manual_seed(0)
    network = Network()
    embed = as_asked(network, sys.argv[1])
    images = torch.randn(BATCH, 3, SIZE, SIZE)
    labels = torch.arange(BATCH) % CLASSES
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-5)

    def step():
        optimizer.zero_grad(set_to_none=True)
        proxy_anchor(embed(images), labels, network.proxies).backward()
        optimizer.step()

    time_steps(step, int(sys.argv[2]))


if __name__ == "__main__":
    main()
