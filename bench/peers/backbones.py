"""A published backbone at its true size in PyTorch: the peer of bench/backbones.ts.

usage: backbones.py NAME IMAGES FOLDER STEPS
Writes weights.safetensors (random, names of timm) and expected.safetensors (in double precision, and how far
PyTorch's own single precision is from that) to the folder, times forward and backward passes in single precision, prints {"seconds": [...], "peakRssMb"}.
"""

import sys
from pathlib import Path

import torch

from common import time_steps

sys.path.insert(0, str(Path(__file__).parents[2] / "test/fixtures/backbones"))
import make  # noqa: E402

make.WIDTH, make.DEPTH, make.HEADS, make.MLP = 384, 12, 6, 1536
BLOCKS = [3, 4, 6, 3]


def network(name):
    """Weights, and the features of images in training."""
    if name == "resnet50":
        return make.resnet_weights(64, BLOCKS), lambda p, x: make.resnet_feature(p, x, BLOCKS)
    patch = 14 if name == "dinov2-s14" else 16
    weights = make.vit_weights(
        patch,
        (224 // patch) ** 2,
        distilled=name == "deit-s16",
        layer_scale=name == "dinov2-s14",
        spread=0.05,
    )
    return weights, lambda p, x: make.vit_tokens(p, x, patch)[:, 0]


def main():
    name, count, folder, steps = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    torch.manual_seed(1)
    weights, feature = network(name)
    weights = make.rounded(weights, "F32")
    make.save(folder / "weights.safetensors", weights)
    expected = make.expected(weights, 224, lambda p, x: [feature(p, x)], count=count)
    leaves = {
        key: t if t.dtype == torch.int64 else t.float().requires_grad_("running" not in key and "patch" not in key)
        for key, t in weights.items()
    }
    images = expected["images"].float()
    (feature(leaves, images) * expected["feature/cotangent"].float()).sum().backward()
    off = [
        (t.grad - wanted).abs().max() / wanted.abs().max()
        for key, t in leaves.items()
        if t.grad is not None
        for wanted in [expected[f"feature/gradient/{key}"]]
    ]
    make.save(folder / "expected.safetensors", expected | {"float32": torch.stack(off).max().reshape(1)})

    def step():
        for t in leaves.values():
            t.grad = None
        feature(leaves, images).square().sum().backward()

    time_steps(step, steps)


main()
