"""Takes new namespaces, mounts, other roots, and what of the kernel has been a way out before."""

# /// expected
# refused = 16
# reason = "The cell stopped with NotImplementedError"
# ///

# %% first
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    result = libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


for name, flag in {"user": 0x10000000, "mount": 0x20000, "process": 0x20000000, "network": 0x40000000}.items():
    attempt(f"a new {name} namespace", lambda: call(272, flag))
    attempt(f"a process in a new {name} namespace", lambda: call(56, flag | 17, 0, 0, 0, 0))
CALLS = {
    "mount": 165,
    "umount": 166,
    "chroot": 161,
    "pivot_root": 155,
    "setns": 308,
    "memfd_create": 319,
    "io_uring": 425,
    "keyctl": 250,
    "add_key": 248,
    "bpf": 321,
    "userfaultfd": 323,
    "perf": 298,
    "shmget": 29,
    "ptrace": 101,
    "fsopen": 430,
    "open_by_handle_at": 304,
    "init_module": 175,
    "reboot": 169,
    "swapon": 167,
    "settimeofday": 164,
}
for name, number in CALLS.items():
    attempt(name, lambda: call(number, b"x", b"/slot/work", b"tmpfs", 0, 0))
for capability in range(41):
    attempt(f"capability {capability}", lambda: [os.geteuid() == 0][0 if os.geteuid() == 0 else 1])
for path in ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
    attempt(f"write {path}", lambda: open(path, "w"))
attempt("become root", lambda: os.setuid(0))
