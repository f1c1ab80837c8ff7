"""What a fresh fork does before it runs anybody's code: take leave of everything but one folder.

::

    child of the fork server (A)         waits for B, ends as B ends
    └── PID 1 of new namespaces (B)      own folder, own user where the server is root, nothing else

B is alone: its own mount, PID, IPC, UTS and network namespaces (the network one has not even a loopback),
no capability, bounds on all that it uses, and a filter on its system calls. Whatever it starts can only live
in its PID namespace, and dies with B, whoever ignores or blocks whatever signal.

The fork server lives inside `tfcourse.kernels.sandbox`, so what is left of the file system is read-only.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import resource
import select
import signal
import stat
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

from tfcourse.kernels import seccomp
from tfcourse.kernels.libc import check, library, mount, prctl
from tfcourse.kernels.limits import MEGABYTE, Limits

NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PID, NEW_NETWORK = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
NO_SETUID, NO_DEVICES, NO_EXECUTION, BIND, RECURSIVE, PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_CAP_AMBIENT = 1, 4, 23, 24, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
CAPABILITY_VERSION = 0x20080522
MOST_CAPABILITIES = 64

SCRATCH = {"/tmp": "tmp", "/var/tmp": "tmp", "/dev/shm": "shm"}  # noqa: S108
"""Where programs write by habit, and the folder of B's own that takes its place."""
LOCKED_MEMORY = 64 * 1024
TERMINALS = 64
KILLED_FIRST = 500
"""What is added to the badness of a confined process when the machine itself runs out of memory (0 to 1000)."""

FIRST_UID, LAST_UID = 61184, 65519
"""Users that distributions leave to services without an account of their own (systemd's dynamic users)."""
ENOUGH_UIDS = 4096
BROKEN = 70
"""Exit code of A when it could not report B."""


def unused_uids() -> list[int]:
    """Return users and groups that nobody is, for kernels to become; one each, so that none meets another.

    Returns:
        Numbers that exist in this user namespace and have no account. Empty where this process is not root, or
        is the only user of its namespace: then kernels stay who they are, in user namespaces of their own.
        Each process starts at another place of the range, so that two graders seldom share a number.
    """
    if os.geteuid() != 0:
        return []
    import grp
    import pwd

    taken = {entry.pw_uid for entry in pwd.getpwall()} | {entry.gr_gid for entry in grp.getgrall()}
    mapped = [_mapped(Path(f"/proc/self/{kind}_map")) for kind in ("uid", "gid")]

    def free(numbers: range) -> list[int]:
        return [n for n in numbers if n not in taken and all(any(n in part for part in parts) for parts in mapped)]

    found = free(range(FIRST_UID, LAST_UID + 1))
    if not found:
        # A small mapping, of a container: the highest that it has are the least likely to be somebody.
        highest = max((part.stop for part in mapped[0]), default=0)
        found = free(range(max(1000, highest - ENOUGH_UIDS), highest))
    start = os.getpid() * 37 % len(found) if found else 0
    return found[start:] + found[:start]


def _mapped(path: Path) -> list[range]:
    rows = [[int(word) for word in line.split()] for line in path.read_text(encoding="ascii").splitlines()]
    # The largest number means "nobody" to the kernel.
    return [range(first, min(first + count, 2**32 - 1)) for first, _, count in rows]


def enter(folder: str, limits: Limits, *, uid: int | None, started: Callable[[int], None]) -> None:
    """Confine what this process becomes. Called in A; returns in B alone, see above.

    B's working directory is ``folder/work``; ``/tmp``, ``/var/tmp`` and ``/dev/shm`` are folders of the same
    small file system in memory. What the sandbox mounted below one of them, a Python environment say, is there as
    before. Its environment and descriptors stay as they are: they are the caller's affair.

    Args:
        folder: An existing folder, the same for all: what it holds is hidden below the file system of B's own.
        limits: What B and its descendants may use; memory is bounded from outside, by `tfcourse.kernels.watch`.
        uid: The user that B becomes, where this process is root (see `unused_uids`); None where it is not, or
            where root is the only user there is: then a user namespace takes the place of a user.
        started: Called in A with the number of B, as A sees it. B may not be ready yet.

    Raises:
        OSError: Something was refused; says what. Raised in A or in B, whichever met it. There is nothing to
            clean up: end the process.
    """
    _take_namespaces(uid)
    # B learns from this pipe whether A is still there; the parent's number says nothing across PID namespaces.
    alive, held = os.pipe()
    # Listed now: B's /proc, which A will see too, knows nothing of A.
    inherited = [int(entry.name) for entry in Path("/proc/self/fd").iterdir() if int(entry.name) != held]
    process = os.fork()
    if process != 0:
        _stand_by(process, inherited, started)
    os.close(held)
    # A signal to the process group would cross the border of the PID namespace.
    os.setsid()
    _take_folder(folder, limits, uid)
    with contextlib.suppress(OSError):  # a wish: the bounds hold without it
        Path("/proc/self/oom_score_adj").write_text(str(KILLED_FIRST), encoding="ascii")
    _become_nobody(uid)
    _bound(limits)
    _die_with(alive)
    os.chdir(f"{folder}/work")
    seccomp.install()


def _take_namespaces(uid: int | None) -> None:
    """Leave the namespaces of the fork server; that of PIDs takes effect with the next fork."""
    user, group = os.getuid(), os.getgid()
    flags = NEW_MOUNTS | NEW_UTS | NEW_IPC | NEW_PID | NEW_NETWORK | (NEW_USER if uid is None else 0)
    check(library().unshare(ctypes.c_int(flags)), "taking namespaces of its own")
    if uid is None:
        # The same user outside and inside: no other is needed, and no other can be had.
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path(f"/proc/self/{name}").write_text(text, encoding="ascii")


def _stand_by(process: int, inherited: list[int], started: Callable[[int], None]) -> None:
    """Be A: report B, wait for it, and end as it ended. Never returns."""
    code = BROKEN
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # they are for B
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            started(process)
        except BaseException:
            os.kill(process, signal.SIGKILL)
            raise
        # They are B's; a copy in here would keep B's ends of pipes and sockets open.
        for descriptor in inherited:
            with contextlib.suppress(OSError):  # closed meanwhile
                os.close(descriptor)
        _, status = os.waitpid(process, 0)
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            if -code != signal.SIGKILL:
                signal.signal(-code, signal.SIG_DFL)
            os.kill(os.getpid(), -code)
            code = 128 - code
    finally:
        os._exit(code)


def _take_folder(folder: str, limits: Limits, uid: int | None) -> None:
    """Mount what B sees of its own: a small file system in memory, its processes, its terminals."""
    mount("none", "/", None, RECURSIVE | PRIVATE)
    # The bind mounts of an environment below /tmp would be hidden with it; a descriptor still leads there.
    hidden = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in _mounted_below(SCRATCH)}
    own_inodes = 4 + len({part for path in hidden for part in (path, *path.parents) if _is_below(part, SCRATCH)})
    options = f"size={limits.disk_megabytes}m,nr_inodes={limits.files + own_inodes},mode=0755"
    mount("tmpfs", folder, "tmpfs", NO_SETUID | NO_DEVICES, options)
    for name, mode in (("work", 0o700), ("tmp", 0o1777), ("shm", 0o1777)):
        path = Path(folder, name)
        path.mkdir()
        path.chmod(mode)  # whatever the umask is
        if uid is not None:
            os.chown(path, uid, uid)
    for target, name in SCRATCH.items():
        if Path(target).is_dir():
            mount(f"{folder}/{name}", target, None, BIND)
    for path, descriptor in hidden.items():
        _make_mount_point(path, is_folder=stat.S_ISDIR(os.fstat(descriptor).st_mode))
        mount(f"/proc/self/fd/{descriptor}", str(path), None, BIND | RECURSIVE)  # as read-only as it was
        os.close(descriptor)
    try:
        mount("proc", "/proc", "proc", NO_SETUID | NO_DEVICES | NO_EXECUTION)
    except OSError as error:
        # In some containers the kernel refuses an unprivileged user a fresh one. The old one shows the numbers of
        # other processes, but neither their memory nor their files, and no signal reaches them.
        if uid is not None or error.errno != errno.EPERM:
            raise
    if Path("/dev/pts").is_dir():
        # Shared terminals could be opened by siblings, where all are the same user.
        options = f"newinstance,ptmxmode=0666,mode=0600,max={TERMINALS}"
        mount("devpts", "/dev/pts", "devpts", NO_SETUID | NO_EXECUTION, options)


def _mounted_below(folders: Iterable[str]) -> list[Path]:
    """Return the mount points below `folders`, without those that lie in one another."""
    found: list[Path] = []
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        # The fifth field is the mount point, in which \\ooo stands for a blank and a few others.
        name = re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), line.split()[4])
        path = Path(os.fsdecode(name))
        if _is_below(path, folders):
            found.append(path)
    return [path for path in found if not any(path != other and path.is_relative_to(other) for other in found)]


def _is_below(path: Path, folders: Iterable[str]) -> bool:
    return any(str(path) != folder and path.is_relative_to(folder) for folder in folders)


def _make_mount_point(path: Path, *, is_folder: bool) -> None:
    """Make an empty folder or file, and the folders above it, that every user may pass through."""
    for folder in [*reversed(path.parents), *([path] if is_folder else [])]:
        if not folder.exists():
            folder.mkdir()
            folder.chmod(0o755)
    if not is_folder:
        path.touch()


def _become_nobody(uid: int | None) -> None:
    """Give up every privilege, for good."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, "clearing the ambient capabilities")
    for capability in range(MOST_CAPABILITIES):
        if library().prctl(PR_CAPBSET_READ, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break  # beyond the last that this kernel knows
        prctl(PR_CAPBSET_DROP, capability, 0, "giving up capabilities")
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    check(library().capset(header, bytes(24)), "giving up capabilities")
    # Nobody of the same user can look into this process through /proc, or trace it.
    prctl(PR_SET_DUMPABLE, 0, 0, "hiding its memory")


def _bound(limits: Limits) -> None:
    """Set what the kernel can bound for each process, or for each user."""
    for kind, bound in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits.disk_megabytes * MEGABYTE),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_MEMLOCK, LOCKED_MEMORY),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
    ):
        _, most = resource.getrlimit(kind)
        if most != resource.RLIM_INFINITY:
            bound = min(bound, most)  # without privileges no bound goes up
        resource.setrlimit(kind, (bound, bound))


def _die_with(alive: int) -> None:
    """Be killed when A ends. Only after the change of user, which forgets such wishes."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, "asking to be killed with its parent")
    poll = select.poll()
    poll.register(alive, select.POLLIN | select.POLLHUP)
    if poll.poll(0):
        os._exit(BROKEN)  # A had ended before the wish was known
    os.close(alive)
