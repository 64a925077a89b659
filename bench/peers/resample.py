"""Pillow's crop and bicubic resize: the peer of bench/resample.ts.

usage: resample.py RAW WIDTH HEIGHT LEFT TOP CROP_WIDTH CROP_HEIGHT TO_WIDTH TO_HEIGHT TIMES
RAW is a file of WIDTH x HEIGHT RGB pixels. Prints {"seconds": CPU time of one resize, "sha256": of its pixels}.
"""

import hashlib
import json
import sys
import time
from pathlib import Path

from PIL import Image

raw, *numbers = sys.argv[1:]
width, height, left, top, crop_width, crop_height, to_width, to_height, times = map(int, numbers)
image = Image.frombytes("RGB", (width, height), Path(raw).read_bytes())
box = (left, top, left + crop_width, top + crop_height)


def once():
    part = image if box == (0, 0, width, height) else image.crop(box)
    return part.resize((to_width, to_height), Image.BICUBIC)


resized = once()
started = time.process_time()
for _ in range(times):
    once()
seconds = (time.process_time() - started) / times
print(json.dumps({"seconds": seconds, "sha256": hashlib.sha256(resized.tobytes()).hexdigest()}))
