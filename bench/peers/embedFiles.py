"""Image files to vectors with onnxruntime and Pillow: the peer of bench/embedFiles.ts.

usage: embedFiles.py MODEL.onnx SIZE plain|ahead|worker PATHS(JSON)
prints {"seconds": [...], "processor", "peakRssMb"}; one pass is not counted

`plain` prepares images and runs the network in turns, `ahead` prepares them in a thread while the network runs, `worker` in
another process. Pillow's draft mode, which decodes a JPEG at a half or less, is off on both sides: it changes the pixels.
"""

import json
import multiprocessing
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
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


def batch(job):
    size, paths = job
    return np.stack([prepared(path, size) for path in paths])


def ahead(pool, jobs):
    """Batches, two of them asked for before they are needed: a queue as long as the list would hold all pixels."""
    waiting = []
    for job in jobs:
        waiting.append(pool(job))
        if len(waiting) > 2:
            yield waiting.pop(0)()
    for one in waiting:
        yield one()


def main():
    import onnxruntime

    file, size, how, paths = sys.argv[1], int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
    # Everything that Pillow and numpy load late is loaded here, not by two threads at once.
    batch((size, paths[:1]))
    workers = multiprocessing.get_context("spawn").Pool(1) if how == "worker" else None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "2"))
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    jobs = [(size, paths[i : i + BATCH]) for i in range(0, len(paths), BATCH)]

    def once():
        if how == "plain":
            return [session.run(None, {name: batch(job)}) for job in jobs]
        if workers:
            return [session.run(None, {name: images}) for images in ahead(lambda job: workers.apply_async(batch, (job,)).get, jobs)]
        with ThreadPoolExecutor(1) as pool:
            return [session.run(None, {name: images}) for images in ahead(lambda job: pool.submit(batch, job).result, jobs)]

    def processor():
        if workers:
            return time.process_time() + workers.apply(time.process_time)
        return time.process_time()

    seconds = []
    for i in range(2):
        cpu, started = processor(), time.perf_counter()
        once()
        if i > 0:
            seconds.append(time.perf_counter() - started)
    spent = processor() - cpu
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"seconds": seconds, "processor": spent, "peakRssMb": usage.ru_maxrss / 1024}))
    if workers:
        workers.terminate()


if __name__ == "__main__":
    main()
