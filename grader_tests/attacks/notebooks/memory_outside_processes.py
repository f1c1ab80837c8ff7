"""Puts memory where no process has it: shared memory, files in memory, pipes, sockets."""

# /// expected
# refused = 3
# ending = "complete|out of memory"
# reason = "MB of memory|The cell stopped"
# ///

# %% first
import ctypes
import mmap
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


attempt("a file in memory", lambda: os.memfd_create("bomb"))
attempt("shared memory", lambda: check(libc.shmget(0, 2**30, 0o1600)))
held = []


def fill(folder):
    with open(f"{folder}/bomb", "wb") as file:
        for _ in range(2**11):
            file.write(bytes(2**20))


attempt("a file in /dev/shm", lambda: fill("/dev/shm"))
attempt("a file in /tmp", lambda: fill("/tmp"))
for _ in range(400):
    try:
        ours, theirs = socket.socketpair()
    except OSError:
        break
    ours.setblocking(False)
    held.append((ours, theirs))
    try:
        while True:
            ours.send(bytes(2**16))
    except BlockingIOError:
        pass
