"""Bubblewrap around the fork server: a file system of nothing but a read-only environment, and no network.

What is in here is trusted: it runs no learner's code. Each kernel that it forks confines itself further, see
`tfcourse.kernels.isolation`; this is what remains visible to them, and what they could not leave.

Two modes, chosen by who we are:

- *root* (with users to spare, see `isolation.unused_uids`): no user namespace; the server keeps the few capabilities
  that a fork needs to make its namespaces and to become another user.
- *rootless*: bubblewrap makes a user namespace, and each fork another one below it.
"""

from __future__ import annotations

import functools
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tfcourse.kernels import isolation

PROGRAM = "bwrap"
SECONDS_TO_TRY = 30
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
"""What programs and libraries are made of; symbolic links stay symbolic links."""
SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/fonts",
    "/sys/devices/system/cpu",  # how many processors there are; numerical libraries ask
)
OWN_SETTINGS = Path(__file__).parent / "etc"
"""Accounts and hosts that tell nothing about this machine."""
CAPABILITIES = (
    "CAP_SYS_ADMIN",  # namespaces and mounts
    "CAP_SETUID",
    "CAP_SETGID",
    "CAP_SETPCAP",  # to give up capabilities for good
    "CAP_CHOWN",  # of a kernel's own folders
    "CAP_KILL",  # kernels, which are other users; also for them to be killed with their parent
)


def as_root() -> bool:
    """Tell whether kernels are to become users of their own: whether we are root and there are users to spare."""
    return os.geteuid() == 0 and bool(isolation.unused_uids())


def command(
    argv: Sequence[str],
    *,
    folder: str,
    readable: Sequence[Path],
    environment: Mapping[str, str],
) -> list[str]:
    """Return the command line that runs a program inside the sandbox.

    Inherited descriptors reach the program. It dies with the thread that starts it, so start it from a thread that
    lives as long as the sandbox is to. `environment` is visible to other users of this machine: no secrets in it.

    Args:
        argv: The program and its arguments.
        folder: An absolute path in the sandbox, such as ``/slot``; made there, empty. What forks mount their own
            file system on.
        readable: Files and folders of this machine that are there too, at the same paths, read-only; see
            `python_paths`. What does not exist is left out.
        environment: The only environment variables of the program.

    Returns:
        A command line for `subprocess.Popen`.
    """
    line = [PROGRAM, "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid", "--unshare-net"]
    line += ["--unshare-uts", "--unshare-cgroup-try", "--hostname", "grading"]
    if as_root():
        line += ["--cap-drop", "ALL"]
        for capability in CAPABILITIES:
            line += ["--cap-add", capability]
    else:
        line += ["--unshare-user"]
    for path in SYSTEM:
        if Path(path).is_symlink():
            line += ["--symlink", str(Path(path).readlink()), path]
        else:
            line += ["--ro-bind-try", path, path]
    line += ["--proc", "/proc", "--dev", "/dev", "--dir", "/etc", "--dir", "/sys/devices/system"]
    for path in SETTINGS:
        line += ["--ro-bind-try", path, path]
    for own in sorted(OWN_SETTINGS.iterdir()):
        line += ["--ro-bind", str(own), f"/etc/{own.name}"]
    # The server's own scratch. Forks hide it below theirs, so its size bounds nobody but the server.
    line += ["--tmpfs", "/tmp", "--tmpfs", "/dev/shm", "--dir", "/var/tmp", "--dir", folder]  # noqa: S108
    for readable_path in _outermost(readable):
        # Made by the bind, the folders above would be closed to everybody but this user; kernels are others.
        line += ["--dir", str(readable_path.parent), "--ro-bind", str(readable_path), str(readable_path)]
    line += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--clearenv"]
    for name, value in environment.items():
        line += ["--setenv", name, value]
    return [*line, "--", *argv]


def python_paths() -> list[Path]:
    """Return what this interpreter needs to run and to import: its virtual environment, the Python below it, what
    is installed in development mode, and this package.

    The working directory and ``PYTHONPATH`` are not among them: a course's folder holds solutions and grades.
    """  # noqa: D205
    prefixes = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
    sites = [Path(path) for path in site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        sites.append(Path(site.getusersitepackages()))
    found = [Path(prefix) for prefix in prefixes]
    found += sites
    found += [path for folder in sites for path in _added_to(folder)]
    found.append(Path(__file__).parents[2])
    found += _links(Path(sys.executable))
    return _outermost(found)


def _added_to(folder: Path) -> Iterator[Path]:
    """Yield the folders that the .pth files of a site-packages folder add to the import path."""
    for file in sorted(folder.glob("*.pth")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.strip() and not line.startswith(("#", "import ", "import\t")):
                yield Path(os.path.normpath(folder / line.strip()))


def _links(path: Path) -> Iterator[Path]:
    """Yield a file, and each file that it is a link to on the way to the real one."""
    for _ in range(40):  # as many as the kernel follows
        yield path
        if not path.is_symlink():
            return
        path = Path(os.path.normpath(path.parent / path.readlink()))


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Return the absolute paths that exist and lie neither in the system's folders nor in one another."""
    kept: list[Path] = []
    for path in sorted({Path(os.path.normpath(path.absolute())) for path in paths}, key=lambda path: len(path.parts)):
        system = any(path.is_relative_to(folder) for folder in SYSTEM)
        if path.exists() and not system and not any(path.is_relative_to(outer) for outer in kept):
            kept.append(path)
    return kept


TRIAL = """
import os, sys, threading
from tfcourse.kernels import isolation
from tfcourse.kernels.limits import Limits
uid = None if sys.argv[1] == "None" else int(sys.argv[1])
child = os.fork()
if child == 0:
    code = 1
    try:
        isolation.enter("/slot", Limits(disk_megabytes=1), uid=uid, started=lambda process: None)
        open("written", "w").close()
        for path in sys.argv[2:]:
            os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
        code = 0
    except BaseException as error:
        print(f"{error}", flush=True)
    finally:
        os._exit(code)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@functools.cache
def probe() -> str | None:
    """Try out whether there is a sandbox to be had: start one, and in it a process that confines itself.

    Tried once in each process, in about 0.3 s.

    Returns:
        None where it works; else what is missing, and what to do about it.
    """
    if not sys.platform.startswith("linux"):
        return f"the sandbox needs Linux, and this is {sys.platform}: grade on Linux, in a virtual machine or in WSL 2"
    if shutil.which(PROGRAM) is None:
        return "bubblewrap is not installed: install it with `apt-get install bubblewrap` or `dnf install bubblewrap`"
    spare = isolation.unused_uids() if as_root() else []
    readable = python_paths()
    uid = str(spare[0] if spare else None)
    line = command(
        [sys.executable, "-P", "-c", TRIAL, uid, *map(str, readable)],
        folder="/slot",
        readable=readable,
        environment={"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        tried = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS_TO_TRY, check=False)
    except subprocess.TimeoutExpired:
        return f"a trial of the sandbox did not end within {SECONDS_TO_TRY} s: is this machine overloaded?"
    if tried.returncode == 0:
        return None
    said = " / ".join((tried.stdout + tried.stderr).split("\n")[-4:]).strip(" /")
    return f"a trial of the sandbox failed ({said or f'exit code {tried.returncode}'}): {_remedy(said)}"


def _remedy(said: str) -> str:
    """Return what to do, from what bubblewrap or the trial said and from how this machine is set up."""
    if "Unknown option" in said:
        return "bubblewrap is too old; version 0.5 or later is expected"
    if "[Errno 13] Permission denied: '" in said or "No module named" in said:
        return (
            "an ordinary user cannot read this Python or its packages: install them where everybody may read, "
            f"or `chmod -R a+rX {sys.prefix}`"
        )
    if os.geteuid() != 0:
        if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
            return (
                "AppArmor keeps user namespaces from ordinary users: give bwrap a profile that allows them (Ubuntu has "
                "one in apparmor-profiles), or `sysctl kernel.apparmor_restrict_unprivileged_userns=0`"
            )
        if _setting("kernel/unprivileged_userns_clone") == "0":
            return "user namespaces are kept from ordinary users: `sysctl kernel.unprivileged_userns_clone=1`"
        if _setting("user/max_user_namespaces") == "0":
            return "user namespaces are switched off: `sysctl user.max_user_namespaces=10000`"
    if _in_container():
        return (
            "inside a container without the right to make namespaces: start it with `--cap-add SYS_ADMIN "
            "--security-opt seccomp=unconfined --security-opt apparmor=unconfined`, or grade outside of it"
        )
    return "does `bwrap --unshare-all --ro-bind / / true` work? The cause stands in its message"


def _setting(name: str) -> str | None:
    try:
        return Path("/proc/sys", name).read_text(encoding="ascii").strip()
    except OSError:
        return None


def _in_container() -> bool:
    if any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")):
        return True
    return "container" in os.environ or "KUBERNETES_SERVICE_HOST" in os.environ
