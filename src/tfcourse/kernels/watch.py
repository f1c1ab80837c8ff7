"""Bounds one kernel's memory, from outside the sandbox, where nothing that the kernel does can reach it.

::

    watch = Watch(limits)
    watch.add(process)          # confined, and before it runs any of the learner's code
    while ...:                  # every 50 to 100 ms
        if reason := watch.poll():
            ...                 # kill PID 1 of its namespace
    watch.close()

Where control groups can be had (`tfcourse.kernels.cgroups`) the kernel does the bounding, at the very page. Elsewhere
the memory is counted: each page by its share among those who hold it, less what stems from the fork server.
Between two counts a fast program can take some hundred megabytes more.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from tfcourse.kernels.cgroups import Group, groups_here
from tfcourse.kernels.limits import MEGABYTE, Limits

KILOBYTE = 1024
SPARE = 0.03
"""Share of the machine's memory below which nobody waits for an exact count any more."""
PATIENCE = 4
"""After an exact count, none for this many times as long as it took."""


class Watch:
    """The memory and the processes of one confined kernel.

    Args:
        limits: What it may use.
        groups: Whether to use a control group where one can be had. Default: yes; else memory is counted.
        confined: Whether the process has namespaces of its own; else its descendants are what is counted.

    Attributes:
        counted: True where memory is counted, False where a control group bounds it.
    """

    def __init__(self, limits: Limits, *, groups: bool = True, confined: bool = True) -> None:
        place = groups_here() if groups else None
        self._limits = limits
        self._confined = confined
        self._group = None if place is None else Group(place, limits)
        self._count: Count | None = None
        self.counted = self._group is None

    def add(self, process: int) -> None:
        """Begin to watch.

        Args:
            process: PID 1 of the kernel's namespace, as this process numbers it, after
                `tfcourse.kernels.isolation.enter` and before any of the learner's code.

        Raises:
            OSError: There is no such process any more, or it is not ours.
        """
        if self._group is not None:
            self._group.add(process)
        else:
            self._count = Count(process, confined=self._confined)

    def used(self) -> int:
        """Return the bytes that the kernel has for itself: exact where they are counted."""
        if self._group is not None:
            return self._group.used()
        return 0 if self._count is None else self._count.exact()

    def poll(self) -> str | None:
        """Return why the kernel must be killed, or None.

        Takes well under a millisecond, unless memory is counted and near its bound: then some milliseconds for each
        of its processes.
        """
        if self.killed_for_memory():
            return f"it needed more than {self._limits.memory_megabytes} MB of memory"
        if self._count is None:
            return None
        if self._count.exceeds(self._limits.memory_megabytes * MEGABYTE):
            return f"it needed more than {self._limits.memory_megabytes} MB of memory"
        if self._count.tasks > self._limits.processes:
            return f"it had more than {self._limits.processes} processes and threads"
        return None

    def killed_for_memory(self) -> bool:
        """Tell whether the kernel of this machine has killed any of the processes for their memory."""
        if self._group is None:
            return False
        with contextlib.suppress(OSError):
            return self._group.killed() > 0
        return False

    def close(self) -> None:
        """Stop watching; in a control group, kill what is left in it. Ask `killed_for_memory` before."""
        if self._group is not None:
            self._group.close()
            self._group = None
        if self._count is not None:
            self._count.close()
            self._count = None


class Count:
    """Counts the memory of all processes of a PID namespace.

    Args:
        process: Its PID 1, or a process without a namespace of its own.
        confined: Which of the two it is.

    Attributes:
        tasks: Processes and threads, at the last look.
    """

    def __init__(self, process: int, *, confined: bool = True) -> None:
        self._process = process
        # PID 1's own view of its namespace: nothing in it can hide from there, and a number taken again by another
        # process does not mislead. An old one (see isolation) would show the fork server too.
        self._own_view = _open(f"/proc/{process}/root/proc") if confined else None
        if self._own_view is not None and not _same_namespace(self._own_view, process):
            os.close(self._own_view)
            self._own_view = None
        self._files = _open(f"/proc/{process}/cwd") if confined else None
        # What it was forked from twice: a process that has nothing but what it shares with the fork server.
        self._origin = int(_status(Path(f"/proc/{process}/status").read_bytes()).get(b"PPid", 0))
        self._next_exact = 0.0
        self.tasks = 0

    def exceeds(self, limit: int) -> bool:
        """Tell whether more than `limit` bytes are in use. Counts exactly only where a rough count could be more."""
        rough = self._in_files()
        self.tasks = 0
        for text in self._read("status"):
            status = _status(text)
            self.tasks += status.get(b"Threads", 1)
            rough += KILOBYTE * sum(status.get(key, 0) for key in (b"RssAnon", b"RssShmem", b"VmSwap", b"VmPTE"))
        if _machine_is_short():
            return True  # also of what cannot be counted: what waits in sockets and pipes
        if rough <= limit:
            return False
        now = time.monotonic()
        if now < self._next_exact:
            return False
        exact = self.exact()
        self._next_exact = time.monotonic() + PATIENCE * (time.monotonic() - now)
        return exact > limit

    def exact(self) -> int:
        """Return the bytes in use: each page by its share, less what the fork server's pages make of it."""
        origin: dict[bytes, int] = {}
        with contextlib.suppress(OSError):
            origin = _status(Path(f"/proc/{self._origin}/smaps_rollup").read_bytes())
        held = inherited = tables = mapped = 0
        for text in self._read("smaps_rollup"):
            share = _status(text)
            anonymous = share.get(b"Pss_Anon", share.get(b"Pss", 0))
            held += anonymous + share.get(b"SwapPss", 0)
            mapped += share.get(b"Pss_Shmem", 0)
            inherited += min(origin.get(b"Pss_Anon", 0), max(0, anonymous - share.get(b"Private_Dirty", 0)))
        for text in self._read("status"):
            tables += _status(text).get(b"VmPTE", 0)
        # Each fork below holds its share of the fork server's pages; all together at most the pages themselves. So a
        # program that shares pages of its own among many processes can hide that much, and no more.
        own = max(0, held - min(inherited, origin.get(b"Anonymous", 0))) + tables
        # A file in memory that is mapped is counted by the file system too.
        return KILOBYTE * own + max(KILOBYTE * mapped, self._in_files())

    def close(self) -> None:
        """Let go of its files, which would otherwise stay in memory."""
        for descriptor in (self._own_view, self._files):
            if descriptor is not None:
                os.close(descriptor)
        self._own_view = self._files = None

    def _in_files(self) -> int:
        if self._files is None:
            return 0
        with contextlib.suppress(OSError):
            state = os.statvfs(self._files)
            return (state.f_blocks - state.f_bfree) * state.f_frsize
        return 0

    def _read(self, name: str) -> Iterator[bytes]:
        """Yield a file of each process from /proc; a process that ends meanwhile is left out."""
        if self._own_view is None:
            for process in [self._process, *descendants(self._process)]:
                with contextlib.suppress(OSError):
                    yield Path(f"/proc/{process}/{name}").read_bytes()
            return
        with contextlib.suppress(OSError):
            for number in [entry.name for entry in os.scandir(self._own_view) if entry.name.isdigit()]:
                with contextlib.suppress(OSError):
                    descriptor = os.open(f"{number}/{name}", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._own_view)
                    with os.fdopen(descriptor, "rb") as file:
                        yield file.read()


def descendants(process: int) -> Iterator[int]:
    """Yield the processes that stem from one, as this process numbers them."""
    waiting = [process]
    while waiting:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{waiting.pop()}/task").iterdir():
                with contextlib.suppress(OSError):
                    children = [int(word) for word in (task / "children").read_bytes().split()]
                    yield from children
                    waiting += children


def _status(text: bytes) -> dict[bytes, int]:
    """Return the numbers of a file such as /proc/PID/status: the first of each line that begins with one."""
    found = {}
    for line in text.splitlines():
        key, _, rest = line.partition(b":")
        words = rest.split(None, 1)
        if words and words[0].isdigit():
            found[key] = int(words[0])
    return found


def _open(path: str) -> int | None:
    """Return a handle on a folder, or None where it is out of reach."""
    with contextlib.suppress(OSError):
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return None


def _same_namespace(view: int, process: int) -> bool:
    with contextlib.suppress(OSError):
        return os.stat("1/ns/pid", dir_fd=view).st_ino == Path(f"/proc/{process}/ns/pid").stat().st_ino
    return False


def _machine_is_short() -> bool:
    state = _status(Path("/proc/meminfo").read_bytes())
    return state.get(b"MemAvailable", 0) < SPARE * state.get(b"MemTotal", 0)
