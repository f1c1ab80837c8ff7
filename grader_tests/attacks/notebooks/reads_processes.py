"""Looks into the fork server, into its parent, and for the socket that commands the fork server."""

# /// expected
# refused = 12
# reason = "The cell stopped with NotImplementedError"
# ///

# %% first
import ctypes
import gc
import os
import socket
import stat

libc = ctypes.CDLL(None, use_errno=True)


def others():
    return [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


attempt("see another process", lambda: others()[0])
attempt("see a parent", lambda: [os.getppid()][0 if os.getppid() else 1])
for process in (1, 2, 3, os.getppid(), *range(4, 8)):
    attempt(f"open the memory of {process}", lambda: open(f"/proc/{process}/mem", "rb"))
    attempt(
        f"read the environment of {process}",
        lambda: open(f"/proc/{process}/environ", "rb").read() if process != os.getpid() else others()[0],
    )
    attempt(f"trace {process}", lambda: check(libc.ptrace(16, process, 0, 0)))
buffer = ctypes.create_string_buffer(8)
vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
attempt("read memory by process_vm_readv", lambda: check(libc.process_vm_readv(os.getpid(), vector, 1, vector, 1, 0)))
attempt("take a descriptor of another process", lambda: check(libc.syscall(438, 3, 0, 0)))


def control():
    """The fork server's socket is the only one of its kind."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                copy = socket.socket(fileno=os.dup(int(name)))
                if copy.type == socket.SOCK_SEQPACKET:
                    found.append(name)
        except OSError:
            pass
    return found[0]


attempt("find the fork server's control socket", control)
attempt(
    "find a key or a paper among Python's objects",
    lambda: [o for o in gc.get_objects() if type(o).__name__ in ("Key", "Paper", "Question", "Desk", "ForkServer")][0],
)
