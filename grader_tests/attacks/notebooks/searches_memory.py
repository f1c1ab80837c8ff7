"""Searches all of its own memory, inherited from the fork server, for hidden inputs and labels, seeds and the secret.
They are given to it disguised, so that it does not find its own copy. The training data, which it was handed, must be
found: that proves the search.
"""

# /// expected
# contains = ["the control is found", "searched"]
# reason = "The cell stopped with NotImplementedError"
# ///

# %% first
import ctypes
import os

import numpy as np

from tfcourse.notebook import _grading_examiner

MASK = 0x5A5A5A5A
WANTED = {
    "shown": "{{shown}}",
    "labels": "{{labels}}",
    "inputs": "{{inputs}}",
    "secret": "{{secret}}",
    "seed": "{{seed}}",
}
task = _grading_examiner().open("week01.trained")
libc = ctypes.CDLL(None)
pipe = open("/tmp/page", "wb+", buffering=0)


def chunks(size=2**22):
    for line in open("/proc/self/maps"):
        addresses, rights = line.split()[:2]
        if "r" not in rights or "[v" in line:
            continue
        begin, end = (int(part, 16) for part in addresses.split("-"))
        if "w" not in rights and ".so" in line:
            continue  # code
        for at in range(begin, end, size):
            # The kernel reads for us: an address that is not there is an error, and not a crash.
            os.lseek(pipe.fileno(), 0, 0)
            count = libc.write(pipe.fileno(), ctypes.c_void_p(at), ctypes.c_size_t(min(size, end - at)))
            if count > 64:
                yield np.frombuffer(os.pread(pipe.fileno(), count, 0), np.uint8)


found = dict.fromkeys(WANTED, 0)
searched = 0
for chunk in chunks():
    searched += len(chunk)
    words = chunk[: len(chunk) // 4 * 4].view(np.uint32) ^ np.uint32(MASK)
    for name, text in WANTED.items():
        wanted = np.frombuffer(bytes.fromhex(text), np.uint32)
        for at in np.flatnonzero(words == wanted[0]):
            if np.array_equal(words[at : at + len(wanted)], wanted):
                found[name] += 1
print(f"searched {searched >> 20} MB")
print("the control is found" if found["shown"] else "the search does not work")
for name in ("labels", "inputs", "secret", "seed"):
    attempt(f"find the {name}", lambda: [found[name]][0 if found[name] else 1])
