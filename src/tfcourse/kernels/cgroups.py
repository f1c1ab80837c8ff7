"""Control groups: the kernel itself bounds the memory of a group of processes, and kills in it what goes beyond.

It also divides the processors among groups, however many processes each has: a submission that starts hundreds of
busy ones slows itself down, and nobody else. (Version 1 where there is its ``cpu``; version 2 where the groups'
parent hands that controller down.)

A group can be had where somebody handed us a part of the hierarchy: root on most machines, a systemd unit with
``Delegate=yes``, some containers. Both versions are served, 2 first; `groups_here` tries it out.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import itertools
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tfcourse.kernels.limits import MEGABYTE, Limits

PREFIX = "tfcourse"
SECONDS_TO_EMPTY = 0.5
_numbers = itertools.count(1)
_leaving = threading.Lock()
_left: list[Path] = []  # groups that were not empty yet when they were to go


@dataclass(frozen=True)
class Place:
    """Where groups are made.

    Args:
        version: Of control groups, 1 or 2.
        parents: The folders below which each group has one of its own; the first is the one with the memory.
    """

    version: int
    parents: tuple[Path, ...]


class Group:
    """The processes of one kernel, bounded together.

    Args:
        place: Where to make it.
        limits: The memory (swap and files in memory included) and the processes that it may have.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, place: Place, limits: Limits) -> None:
        self._version = place.version
        name = f"{_owner(os.getpid())}-{next(_numbers)}"
        self._folders = [parent / name for parent in place.parents]
        try:
            for folder in self._folders:
                folder.mkdir()
            self._bound(limits)
        except OSError:
            self.close()
            raise

    def add(self, process: int) -> None:
        """Take in a process; what it starts from now on belongs to the group, and so does the memory that it takes.

        Raises:
            OSError: There is no such process, or it is not ours to move.
        """
        for folder in self._folders:
            (folder / "cgroup.procs").write_text(str(process), encoding="ascii")

    def used(self) -> int:
        """Return the bytes in use; files that the kernel could drop from its cache count too."""
        name = "memory.current" if self._version == 2 else "memory.usage_in_bytes"
        return int((self._folders[0] / name).read_text(encoding="ascii"))

    def killed(self) -> int:
        """Return how many processes the kernel has killed for memory in this group."""
        name = "memory.events" if self._version == 2 else "memory.oom_control"
        for line in (self._folders[0] / name).read_text(encoding="ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
        return 0

    def close(self) -> None:
        """Kill what is left, and remove the group. Twice is not once too often."""
        for folder in self._folders:
            _kill_all(folder)
        end = time.monotonic() + SECONDS_TO_EMPTY
        # Killed processes leave a group when they have given back their memory, not at once.
        while not _remove(self._folders) and time.monotonic() < end:
            time.sleep(0.002)
        with _leaving:
            _remove(_left)
            _left[:] = [folder for folder in {*self._folders, *_left} if folder.exists()]
        self._folders = []

    def _bound(self, limits: Limits) -> None:
        memory = str(limits.memory_megabytes * MEGABYTE)
        own = self._folders[0]
        if self._version == 2:
            _set(own / "memory.max", memory)
            _set(own / "memory.swap.max", "0", needed=False)
            _set(own / "memory.oom.group", "1", needed=False)
            _set(own / "pids.max", str(limits.processes), needed=False)
        else:
            _set(own / "memory.limit_in_bytes", memory)
            _set(own / "memory.memsw.limit_in_bytes", memory, needed=False)
            for folder in self._folders[1:]:
                if (folder / "pids.max").exists():
                    _set(folder / "pids.max", str(limits.processes))


@functools.cache
def groups_here() -> Place | None:
    """Find where groups can be made, by making one and moving a process into it. Tried once in each process.

    Groups that a grader left behind that was killed are removed on the way.

    Returns:
        The place, or None where there is none.
    """
    for place in _candidates():
        remove_stale(place)
        group = None
        process = subprocess.Popen(["/bin/sh", "-c", "read line"], stdin=subprocess.PIPE)
        try:
            group = Group(place, Limits())
            group.add(process.pid)
            group.used()
            group.killed()
        except OSError:
            continue
        else:
            return place
        finally:
            process.kill()
            process.communicate()
            if group is not None:
                group.close()
    return None


def remove_stale(place: Place) -> None:
    """Remove the groups of graders that no longer run; what is still in use stays."""
    mine = _owner(os.getpid()).rsplit("-", 2)[0]
    for parent in place.parents:
        for folder in parent.glob(f"{mine}-*"):
            owner = folder.name.rsplit("-", 1)[0]
            with contextlib.suppress(ValueError):
                if _owner(int(owner.split("-")[2])) != owner:
                    _remove([folder])


def _candidates() -> Iterator[Place]:
    """Yield the places worth a try: version 2 upwards from our own group, then version 1."""
    own = dict(_own_groups())
    for version, controllers, mounted in _mounts():
        if version == 2 and "" in own:
            folder = _below(mounted, own[""])
            while folder.is_relative_to(mounted[1]):
                with contextlib.suppress(OSError):
                    if "memory" in (folder / "cgroup.subtree_control").read_text(encoding="ascii").split():
                        yield Place(2, (folder,))
                folder = folder.parent
        if version == 1 and "memory" in controllers and "memory" in own:
            memory = _below(mounted, own["memory"])
            more = {
                name: _below(other_mounted, own[name])
                for name in ("pids", "cpu")
                for other, others, other_mounted in _mounts()
                if other == 1 and name in others and name in own
            }
            for names in (("pids", "cpu"), ("pids",), ("cpu",), ()):
                if set(names) <= set(more):
                    # Two controllers may share a hierarchy, and its folders.
                    yield Place(1, tuple(dict.fromkeys((memory, *(more[name] for name in names)))))


def _own_groups() -> Iterator[tuple[str, str]]:
    """Yield (controller, path of our group in its hierarchy); version 2 has no controller's name."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            for controller in controllers.split(","):
                yield controller, path


def _mounts() -> Iterator[tuple[int, set[str], tuple[str, Path]]]:
    """Yield (version, controllers, (root of the mount, where it is mounted)) of each hierarchy; version 2 first."""
    found = []
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
            before, _, after = line.partition(" - ")
            kind, _, options = after.split(" ", 2)
            if kind in ("cgroup", "cgroup2"):
                root, folder = before.split()[3:5]
                found.append((2 if kind == "cgroup2" else 1, set(options.split(",")), (root, Path(folder))))
    yield from sorted(found, key=lambda mount: -mount[0])


def _below(mounted: tuple[str, Path], group: str) -> Path:
    """Return the folder of a group, which the kernel names from the root of its hierarchy."""
    root, folder = mounted
    return folder / os.path.relpath(group, root) if Path(group).is_relative_to(root) else folder


def _owner(process: int) -> str:
    """Return a name that no other process has or will have, nor one of another container."""
    try:
        # The 22nd field: when it was started, in ticks since the machine's start. The second may hold spaces.
        started = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:
        started = "gone"
    return f"{PREFIX}-{Path('/proc/self/ns/pid').stat().st_ino}-{process}-{started}"


def _set(path: Path, value: str, *, needed: bool = True) -> None:
    try:
        path.write_text(value, encoding="ascii")
    except OSError:
        if needed:
            raise


def _kill_all(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / "cgroup.kill").write_text("1", encoding="ascii")
        return
    with contextlib.suppress(OSError):
        for line in (folder / "cgroup.procs").read_text(encoding="ascii").split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line), signal.SIGKILL)


def _remove(folders: list[Path]) -> bool:
    """Remove what is empty. Returns whether all of them are gone."""
    gone = True
    for folder in folders:
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError as error:
            gone = gone and error.errno != errno.EBUSY
    return gone
