"""The system calls that a learner's code does without: a filter that the kernel applies to each.

What is on the list has been a way out of a sandbox (user namespaces, keyrings, io_uring), a way around
its bounds (memory that belongs to no process: memfd, System V shared memory), or a look at others (ptrace).
TensorFlow, subprocesses, threads and multiprocessing need none of them.

The filter is written by hand for x86_64 and aarch64, so that no library has to be installed for it. It
is a deny list: what future kernels add beyond the numbers known here does not exist for the filtered.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from tfcourse.kernels.libc import check, library, prctl

LAST_KNOWN = 469
"""The highest call known here (Linux 6.17, the same on both machines). Above it lie future calls and x32's."""

NEW_NAMESPACES = 0x7E020000
"""Every CLONE_NEW* flag that ``clone`` takes: user, mount, PID, network, IPC, UTS, cgroup."""

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
NETLINK_ROUTE = 0  # what getifaddrs() asks; the other netlink protocols are for administrators
TERMINAL_INPUT, TERMINAL_LINUX = 0x5412, 0x541C  # TIOCSTI and TIOCLINUX type into somebody's terminal
ASK_PERSONALITY = 0xFFFFFFFF

DENIED: dict[str, tuple[int | None, int | None]] = {
    # name: its number on x86_64, on aarch64 (None: it does not exist there)
    # Memory that outlives or evades what bounds a process.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # Large and often broken parts of the kernel.
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "modify_ldt": (154, None),
    "remap_file_pages": (216, 234),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    "_sysctl": (156, None),
    # Other processes.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    # Namespaces and mounts.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    # The machine.
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "create_module": (174, None),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "query_module": (178, None),
    "get_kernel_syms": (177, None),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "syslog": (103, 116),
    "iopl": (172, None),
    "ioperm": (173, None),
    "vhangup": (153, 58),
}
"""What answers "operation not permitted", whatever its arguments."""


@dataclass(frozen=True)
class Machine:
    """What differs between processors.

    Args:
        audit: The kernel's number of the architecture.
        column: Which number of ``DENIED`` counts: 0 or 1.
        clone: Number of ``clone``, whose flags are its first argument.
        clone3: Number of ``clone3``, whose flags a filter cannot see.
        socket: Number of ``socket``.
        socketpair: Number of ``socketpair``.
        personality: Number of ``personality``.
        ioctl: Number of ``ioctl``.
        seccomp: Number of ``seccomp``.
    """

    audit: int
    column: int
    clone: int
    clone3: int
    socket: int
    socketpair: int
    personality: int
    ioctl: int
    seccomp: int


MACHINES = {
    "x86_64": Machine(0xC000003E, 0, 56, 435, 41, 53, 135, 16, 317),
    "aarch64": Machine(0xC00000B7, 1, 220, 435, 198, 199, 92, 29, 277),
}

# Berkeley packet filter: operation codes, and where seccomp's data lie.
LOAD, EQUAL, GREATER, ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
NUMBER, ARCHITECTURE = 0, 4
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000

PR_SET_NO_NEW_PRIVS = 38
SET_MODE_FILTER, ALL_THREADS = 1, 1

Instruction = tuple[int, int, int, int]
"""Operation, jump if true, jump if false, operand."""


def _argument(index: int) -> int:
    """Return where the lower half of an argument lies; both machines are little-endian."""
    return 16 + 8 * index


def _fail(number: int) -> Instruction:
    return (RETURN, 0, 0, FAIL | number)


def _one_of(values: Iterable[int], otherwise: int) -> list[Instruction]:
    """Allow when what was loaded is one of the values; else fail with an error number."""
    values = list(values)
    tests: list[Instruction] = [(EQUAL, len(values) - index, 0, value) for index, value in enumerate(values)]
    return [*tests, _fail(otherwise), (RETURN, 0, 0, ALLOW)]


def _looked_into(machine: Machine) -> dict[int, list[Instruction]]:
    """Return the blocks that judge calls by their arguments, by the call's number."""
    socket = [
        (LOAD, 0, 0, _argument(0)),
        (EQUAL, 4, 0, AF_UNIX),
        (EQUAL, 3, 0, AF_INET),
        (EQUAL, 2, 0, AF_INET6),
        (EQUAL, 2, 0, AF_NETLINK),
        _fail(errno.EAFNOSUPPORT),
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, _argument(2)),
        *_one_of([NETLINK_ROUTE], errno.EPROTONOSUPPORT),
    ]
    return {
        machine.clone: [
            (LOAD, 0, 0, _argument(0)),
            (ANY_BIT, 0, 1, NEW_NAMESPACES),
            _fail(errno.EPERM),
            (RETURN, 0, 0, ALLOW),
        ],
        # Its flags lie in memory, where no filter can look: the C library falls back to clone.
        machine.clone3: [_fail(errno.ENOSYS)],
        machine.socket: socket,
        machine.socketpair: socket,
        machine.personality: [(LOAD, 0, 0, _argument(0)), *_one_of([0, ASK_PERSONALITY], errno.EPERM)],
        machine.ioctl: [
            (LOAD, 0, 0, _argument(1)),
            (EQUAL, 1, 0, TERMINAL_INPUT),
            (EQUAL, 0, 1, TERMINAL_LINUX),
            _fail(errno.EPERM),
            (RETURN, 0, 0, ALLOW),
        ],
    }


def program(machine: Machine) -> list[Instruction]:
    """Return the filter for a machine.

    Args:
        machine: One of ``MACHINES``.

    Returns:
        The instructions. Calls of another architecture (32-bit programs) kill the process; numbers above
        ``LAST_KNOWN`` do not exist; ``DENIED`` is not permitted; all else is allowed.
    """
    filter_: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, machine.audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (GREATER, 0, 1, LAST_KNOWN),
        _fail(errno.ENOSYS),
    ]
    for number, block in _looked_into(machine).items():
        filter_ += [(EQUAL, 0, len(block), number), *block]
    numbers = sorted(row[machine.column] or 0 for row in DENIED.values() if row[machine.column] is not None)
    # A jump is at most 255 long; the list is shorter than that.
    filter_ += [(EQUAL, len(numbers) - index, 0, number) for index, number in enumerate(numbers)]
    filter_ += [(RETURN, 0, 0, ALLOW), _fail(errno.EPERM)]
    return filter_


def install() -> None:
    """Filter this process from now on, all its threads, and whatever it starts. There is no way back.

    Raises:
        OSError: The kernel refuses, or this machine is none of ``MACHINES``.
    """
    name = platform.machine()
    if name not in MACHINES or sys.byteorder != "little" or sys.maxsize < 2**32:
        expected = " or ".join(MACHINES)
        raise OSError(errno.ENOSYS, f"expected a 64-bit {expected}, found {name}: it has no filter of system calls yet")
    machine = MACHINES[name]
    instructions = program(machine)
    packed = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    held = ctypes.create_string_buffer(packed, len(packed))
    header = struct.pack("@HP", len(instructions), ctypes.addressof(held))
    # Without this promise only a privileged process may filter itself.
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, "promising to gain no privileges")
    arguments = (machine.seccomp, SET_MODE_FILTER, ALL_THREADS)
    result = library().syscall(*(ctypes.c_long(argument) for argument in arguments), header)
    check(result, "filtering system calls")
    if result:
        raise OSError(errno.EBUSY, f"filtering system calls: thread {result} has a filter of its own")
