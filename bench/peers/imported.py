"""A network at its true size, exported to ONNX by PyTorch: the peer of bench/onnx.ts.

usage: imported.py imported NAME FOLDER   writes model.onnx and expected.safetensors: images, the feature by ONNX Runtime, and
                                      for every weight P of the file the gradient of Σ feature · cos(0, 1, 2, …) by
                                      autograd, in float32 (gradient/P) and in float64 (exact/P)
       imported.py published NAME FOLDER  writes weights.safetensors of timm's network and expected.safetensors (images, feature)
Prints {"exportSeconds": S, "versions": TEXT}. Before gradients are taken, the network is given the numbers of the file, so
that both sides compute the same function: an exporter that folds batch norm into convolutions rounds once more.
"""

import json
import sys
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "test/fixtures/onnx"))

import make  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime as ort  # noqa: E402
import torch  # noqa: E402
from families import TRUE, hf, randomised, timm  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402

TOKENS = ("dinov2-small", "dinov3-vits16")
OUTPUTS = {"clip-vit-base-patch32": "image_embeds", "siglip-base-patch16": "pooler_output"} | dict.fromkeys(TOKENS, "last_hidden_state")
TIMM = {"vit-s16": "vit_small_patch16_224.augreg_in21k", "deit-s16": "deit_small_distilled_patch16_224", "dino-s16": "vit_small_patch16_224.dino",
        "dinov2-s14": "vit_small_patch14_dinov2", "resnet50": "resnet50"}


def as_in_file(model, weights):
    """Gives convolutions the weights that the file has for them and the batch normalisation behind, which becomes the
    bias. Returns how many there were."""
    by_shape = {}
    for value in weights.values():
        by_shape.setdefault(value.shape, []).append(value)

    def of_file(value):
        near = (v for v in by_shape.get(tuple(value.shape), []) if np.allclose(v, value.numpy(), rtol=1e-5, atol=1e-6))
        return next(near, None)

    count = 0
    layers = [m for m in model.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.BatchNorm2d))]
    with torch.no_grad():
        for conv, norm in zip(layers, layers[1:]):
            if not isinstance(conv, torch.nn.Conv2d) or not isinstance(norm, torch.nn.BatchNorm2d):
                continue
            scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            shift = norm.bias - norm.running_mean * scale + (conv.bias * scale if conv.bias is not None else 0)
            kernel, bias = of_file(conv.weight * scale.reshape(-1, 1, 1, 1)), of_file(shift)
            if kernel is None or bias is None:
                continue
            conv.weight.copy_(torch.from_numpy(kernel.copy()))
            if conv.bias is not None:
                conv.bias.zero_()
            norm.weight.fill_(1)
            norm.bias.copy_(torch.from_numpy(bias.copy()))
            norm.running_mean.zero_()
            norm.running_var.fill_(1)
            norm.eps = 0
            count += 1
    return count


def gradients(model, name, images, weights):
    model.zero_grad()
    make.keep_folded(model)
    y = make.first_token(model, images) if name in TOKENS else model(images)
    torch.sum(y * torch.cos(torch.arange(y.numel(), dtype=y.dtype)).reshape(y.shape)).backward()
    return make.gradients_for(weights, model)


def imported(name, folder, images):
    model = randomised(TRUE[name]())
    make.SIZE = 224
    make.export(model, str(folder / "model.onnx"), "script", 18, OUTPUTS.get(name, "output"))
    seconds = time.perf_counter() - START
    file = onnx.load(folder / "model.onnx")
    weights = make.weights_of(file)
    of_file = make.run(file, images.numpy())
    del file
    feature = of_file[:, 0] if name in TOKENS else of_file
    print(f"{name}: batch norm of {as_in_file(model, weights)} convolutions in the file", file=sys.stderr)
    grads = gradients(model, name, images, weights)
    exact = gradients(model.double(), name, images.double(), weights)
    save_file({"images": images.numpy(), "feature": np.ascontiguousarray(feature)}
              | {f"gradient/{n}": np.ascontiguousarray(g) for n, g in grads.items()}
              | {f"exact/{n}": np.ascontiguousarray(g.astype(np.float32)) for n, g in exact.items()}, folder / "expected.safetensors")
    return seconds


def published(name, folder, images):
    options = {"img_size": 224} if name == "dinov2-s14" else {}
    model = randomised(timm.create_model(TIMM[name].split(".")[0], pretrained=False, num_classes=0, **options))
    with torch.no_grad():
        plane = model.forward_features(images)
        # hier's ResNet adds the mean and the maximum of the plane, as HIER does.
        feature = plane.mean((2, 3)) + plane.amax((2, 3)) if name == "resnet50" else model.forward_head(plane)
    save_file({n: v.numpy() for n, v in model.state_dict().items()}, folder / "weights.safetensors")
    save_file({"images": images.numpy(), "feature": np.ascontiguousarray(feature.numpy())}, folder / "expected.safetensors")
    return 0


if __name__ == "__main__":
    START = time.perf_counter()
    pictures = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    work = {"imported": imported, "published": published}[sys.argv[1]]
    seconds = work(sys.argv[2], Path(sys.argv[3]), pictures)
    versions = f"torch {torch.__version__}, timm {timm.__version__}, transformers {hf.__version__}, onnxruntime {ort.__version__}"
    print(json.dumps({"exportSeconds": seconds, "versions": versions}))
