"""A network at its true size, exported to ONNX by PyTorch: the peer of bench/onnx.ts.

usage: imported.py imported NAME FOLDER   writes model.onnx and expected.safetensors (images, the feature by ONNX Runtime, the
                                      gradient of Σ feature · cos(0, 1, 2, …) by autograd for every weight of the file)
       imported.py published NAME FOLDER  writes weights.safetensors of timm's network and expected.safetensors (images, feature)
Prints {"exportSeconds": S}.
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
import torch  # noqa: E402
from families import TRUE, randomised, timm  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402

TOKENS = ("dinov2-small", "dinov3-vits16")
TIMM = {"vit-s16": "vit_small_patch16_224.augreg_in21k", "deit-s16": "deit_small_distilled_patch16_224", "dino-s16": "vit_small_patch16_224.dino",
        "dinov2-s14": "vit_small_patch14_dinov2", "resnet50": "resnet50"}


def imported(name, folder, images):
    model = randomised(TRUE[name]())
    make.SIZE = 224
    make.export(model, str(folder / "model.onnx"), "script", 18, "output")
    seconds = time.perf_counter() - START
    make.keep_folded(model)
    y = make.first_token(model, images) if name in TOKENS else model(images)
    torch.sum(y * torch.cos(torch.arange(y.numel())).reshape(y.shape)).backward()
    file = onnx.load(folder / "model.onnx")
    grads = make.gradients_for(make.weights_of(file), model)
    of_file = make.run(file, images.numpy())
    feature = of_file[:, 0] if name in TOKENS else of_file
    save_file({"images": images.numpy(), "feature": np.ascontiguousarray(feature)}
              | {f"gradient/{n}": np.ascontiguousarray(g) for n, g in grads.items()}, folder / "expected.safetensors")
    return seconds


def published(name, folder, images):
    options = {"img_size": 224} if name == "dinov2-s14" else {}
    model = randomised(timm.create_model(TIMM[name].split(".")[0], pretrained=False, num_classes=0, **options))
    with torch.no_grad():
        feature = model(images)
    save_file({n: v.numpy() for n, v in model.state_dict().items()}, folder / "weights.safetensors")
    save_file({"images": images.numpy(), "feature": feature.numpy()}, folder / "expected.safetensors")
    return 0


if __name__ == "__main__":
    START = time.perf_counter()
    pictures = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    work = {"imported": imported, "published": published}[sys.argv[1]]
    print(json.dumps({"exportSeconds": work(sys.argv[2], Path(sys.argv[3]), pictures)}))
