"""Writes DINOv2 ViT-S/14 at 224 px with random weights as ONNX, for bench/lastBlocks.ts.

usage: exportDinov2.py OUT.onnx
"""

import sys

import timm
import torch


def main():
    torch.manual_seed(0)
    network = timm.create_model("vit_small_patch14_dinov2", img_size=224, num_classes=0, pretrained=False).eval()
    torch.onnx.export(
        network,
        (torch.randn(2, 3, 224, 224),),
        sys.argv[1],
        input_names=["pixel_values"],
        output_names=["feature"],
        dynamic_axes={"pixel_values": {0: "batch"}, "feature": {0: "batch"}},
        opset_version=18,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
