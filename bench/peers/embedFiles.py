"""Image files to vectors with onnxruntime and Pillow: the peer of bench/embedFiles.ts.

usage: embedFiles.py MODEL.onnx SIZE plain|ahead PATHS(JSON)
prints {"seconds": [...], "processor", "peakRssMb"}; one pass is not counted
"""

import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
from PIL import Image

BATCH = 32


def prepared(path, size):
    image = Image.open(path).convert("RGB")
    width, height = image.size
    scale = size / min(width, height)
    image = image.resize((max(size, round(width * scale)), max(size, round(height * scale))), Image.BICUBIC)
    left, top = (image.width - size) // 2, (image.height - size) // 2
    pixels = np.asarray(image.crop((left, top, left + size, top + size)), dtype=np.float32)
    return ((pixels / 255 - 0.5) / 0.5).transpose(2, 0, 1)


def main():
    file, size, how, paths = sys.argv[1], int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "2"))
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    batches = [paths[i : i + BATCH] for i in range(0, len(paths), BATCH)]

    def batch(some):
        return np.stack([prepared(path, size) for path in some])

    def once():
        if how == "plain":
            return [session.run(None, {name: batch(some)}) for some in batches]
        with ThreadPoolExecutor(2) as pool:
            return [session.run(None, {name: images}) for images in pool.map(batch, batches)]

    seconds = []
    for i in range(2):
        started, cpu = time.perf_counter(), time.process_time()
        once()
        if i > 0:
            seconds.append(time.perf_counter() - started)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    processor = time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "processor": processor, "peakRssMb": usage.ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
