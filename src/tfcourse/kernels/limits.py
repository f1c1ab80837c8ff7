"""What a sandboxed process may use. Every limit has a default, and every default can be changed."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds of one forked process and everything that it starts.

    Args:
        memory_megabytes: Memory of its own, beyond what it shares with the fork server; files that it
            writes count too, they lie in memory.
        processes: Processes and threads at any one time. TensorFlow alone needs some dozens.
        disk_megabytes: All files that it writes, in its working folder, ``/tmp`` and ``/dev/shm`` together.
        files: Files and folders that it may have at any one time.
        open_files: File descriptors of one process.
    """

    memory_megabytes: int = 2048
    processes: int = 512
    disk_megabytes: int = 256
    files: int = 10_000
    open_files: int = 1024
