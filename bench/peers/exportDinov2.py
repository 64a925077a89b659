"""Writes DINOv2 ViT-S/14 at 224 px with random weights as ONNX, for bench/lastBlocks.ts.

usage: exportDinov2.py OUT.onnx
"""

import sys

import torch

# torchvision may be of another build than torch: only the names of its operators are needed.
library = torch.library.Library("torchvision", "FRAGMENT")
for name in ["nms", "qnms", "roi_align", "roi_pool", "ps_roi_align", "ps_roi_pool", "deform_conv2d"]:
    for one in [name, f"_{name}_backward"]:
        try:
            library.define(f"{one}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        except RuntimeError:
            pass

from transformers import Dinov2Config, Dinov2Model


def main():
    torch.manual_seed(0)
    network = Dinov2Model(
        Dinov2Config(hidden_size=384, num_hidden_layers=12, num_attention_heads=6, patch_size=14, image_size=224)
    ).eval()
    torch.onnx.export(
        network,
        (torch.randn(2, 3, 224, 224),),
        sys.argv[1],
        input_names=["pixel_values"],
        output_names=["last_hidden_state", "pooler_output"],
        dynamic_axes={"pixel_values": {0: "batch"}},
        opset_version=18,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
