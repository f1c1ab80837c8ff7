"""``tfcourse doctor``: what works on this machine, and how to mend what does not."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import platformdirs

from tfcourse.course import Course, find_course
from tfcourse.errors import TfcourseError
from tfcourse.examiner.secret import find_secret
from tfcourse.kernels import sandbox

PACKAGES = ("tensorflow", "keras", "numpy", "jupyterlab", "nbgrader", "ipykernel")
DATA_CACHE_VARIABLE = "TFCOURSE_DATA"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor.

    Args:
        topic: What was looked at.
        ok: Whether it works.
        found: What was found.
        remedy: How to mend it; empty where nothing has to be done.
        needed: False for what the course works without.
    """

    topic: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True


def examine() -> Iterator[Finding]:
    """Look at everything, one finding at a time."""
    for look in (_python, _packages, _bytecode, _course, _kernel, _warm_kernels, _sandbox, _secret, _data_cache):
        yield look()


def data_cache() -> Path:
    """Return the folder for downloaded public data sets."""
    chosen = os.environ.get(DATA_CACHE_VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("tfcourse"))


def _python() -> Finding:
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        return Finding("python", True, found)
    return Finding("python", False, found, "Use Python 3.11, 3.12 or 3.13: TensorFlow 2.21 has no build for others.")


def _packages() -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", False, f"missing: {', '.join(missing)}", "Run: make setup")
    return Finding("packages", True, ", ".join(found))


def _bytecode() -> Finding:
    import importlib.util

    spec = importlib.util.find_spec("tensorflow")
    if spec is None or spec.origin is None:
        return Finding("bytecode", False, "TensorFlow is not installed", "Run: make setup")
    compiled = Path(importlib.util.cache_from_source(spec.origin)).is_file()
    if compiled:
        return Finding("bytecode", True, "TensorFlow's modules are compiled")
    remedy = (
        f"Every notebook starts some seconds later. Run: {sys.executable} -m compileall -q {Path(spec.origin).parent}"
    )
    return Finding("bytecode", False, "TensorFlow's modules are not compiled", remedy, needed=False)


def _course() -> Finding:
    try:
        course = find_course()
    except TfcourseError as error:
        return Finding("course", False, str(error), "Change to the course's folder.")
    missing = _unbuilt(course)
    if missing:
        return Finding("course", False, f"{course.root}: no release of {', '.join(missing)}", "Run: tfcourse build")
    return Finding("course", True, f"{course.root}, {len(course.weeks)} weeks")


def _unbuilt(course: Course) -> list[str]:
    return [week.id for week in course.weeks if not course.release(week, "assignment").is_file()]


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding(
            "kernel", False, "no kernel named python3", f"Run: {sys.executable} -m ipykernel install --sys-prefix"
        )
    command = spec.argv[0]
    # jupyter_client runs a bare "python" as the interpreter that it runs in itself.
    if command in {"python", "python3", sys.executable} or Path(command).resolve() == Path(sys.executable).resolve():
        return Finding("kernel", True, f"python3, in {spec.resource_dir}")
    remedy = (
        f"Notebooks would run without the course's packages. Run: {sys.executable} -m ipykernel install --sys-prefix"
    )
    return Finding("kernel", False, f"python3 runs {command}, not this environment", remedy)


def _warm_kernels() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    from tfcourse.kernels import kernelspec, warm

    remedy = "Everything works without them: each notebook imports TensorFlow itself."
    try:
        KernelSpecManager(kernel_dirs=[str(kernelspec.FOLDER / "kernels")]).get_kernel_spec(kernelspec.NAME)
    except NoSuchKernel:
        reason: str | None = "Jupyter does not know the provisioner of this package"
        remedy = "Run: make setup"
    else:
        reason = warm.probe()
    if reason is None:
        return Finding("warm kernels", True, "a fork server starts: notebooks begin with TensorFlow imported")
    if os.environ.get(warm.SWITCH) == "0":
        remedy = f"Unset {warm.SWITCH} to have them."
    return Finding("warm kernels", False, reason, remedy, needed=False)


def _sandbox() -> Finding:
    reason = sandbox.probe()
    if reason is None:
        return Finding("sandbox", True, "works; `tfcourse autograde` uses it, `tfcourse grade` and nbgrader do not")
    cause, _, remedy = reason.partition(": ")
    return Finding("sandbox", False, cause, f"Only staff need it, for tfcourse autograde: {remedy}.", needed=False)


def _secret() -> Finding:
    try:
        secret = find_secret()
    except TfcourseError as error:
        return Finding("secret", False, str(error))
    if secret.public:
        return Finding(
            "secret", False, secret.origin, "Staff set one: tfcourse secret. Learners need none.", needed=False
        )
    return Finding("secret", True, f"{secret.origin}, id {secret.id}")


def _data_cache() -> Finding:
    folder = data_cache()
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if os.access(existing, os.W_OK):
        return Finding("data cache", True, str(folder))
    remedy = f"Make it writable, or set {DATA_CACHE_VARIABLE} to a folder that is."
    return Finding("data cache", False, f"{folder} cannot be written", remedy, needed=False)
