"""What works on this machine, and how to mend what does not."""

import sys
from collections import namedtuple

import platformdirs
import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from tfcourse import doctor

TOPICS = ["python", "packages", "bytecode", "course", "kernel", "warm kernels", "sandbox", "secret", "data cache"]


def finding(topic):
    return next(found for found in doctor.examine() if found.topic == topic)


def test_every_topic_is_looked_at_once(course):
    assert [found.topic for found in doctor.examine()] == TOPICS


def test_where_something_is_wrong_a_remedy_stands_beside_it(course, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    for found in doctor.examine():
        assert found.found
        assert found.ok or found.remedy


@pytest.mark.parametrize("topic", ["python", "packages", "course", "kernel", "data cache"])
def test_this_environment_is_well(course, topic):
    assert finding(topic).ok


def test_another_python(monkeypatch):
    version = namedtuple("version", "major minor micro")
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 1))
    found = finding("python")
    assert not found.ok
    assert found.needed
    assert "3.11, 3.12 or 3.13" in found.remedy
    monkeypatch.setattr(doctor.sys, "version_info", (*version(3, 13, 0),))
    assert finding("python").ok


def test_a_missing_package(monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package"))
    found = finding("packages")
    assert (found.ok, found.needed, found.found, found.remedy) == (
        False,
        True,
        "missing: no-such-package",
        "Run: make setup",
    )


def test_bytecode_that_was_not_compiled(monkeypatch, tmp_path):
    import importlib.util

    monkeypatch.setattr(importlib.util, "cache_from_source", lambda path: str(tmp_path / "none.pyc"))
    found = finding("bytecode")
    assert not found.ok
    assert not found.needed
    assert "-m compileall" in found.remedy


def test_no_course(monkeypatch, tmp_path):
    monkeypatch.setenv("TFCOURSE_ROOT", str(tmp_path))
    found = finding("course")
    assert not found.ok
    assert found.needed
    assert "Expected a course" in found.found


def test_a_course_that_was_not_built(own_course):
    found = finding("course")
    assert not found.ok
    assert "no release of week01" in found.found
    assert found.remedy == "Run: tfcourse build"


def kernel(monkeypatch, command):
    def get_kernel_spec(self, name):
        if command is None:
            raise NoSuchKernel(name)
        return KernelSpec(argv=[command], resource_dir="/kernels/python3")

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", get_kernel_spec)
    return finding("kernel")


@pytest.mark.parametrize("command", ["python", "python3", sys.executable])
def test_the_kernel_of_this_environment(monkeypatch, command):
    assert kernel(monkeypatch, command).ok


@pytest.mark.parametrize(
    ("command", "said"), [("/usr/bin/python9", "runs /usr/bin/python9"), (None, "no kernel named python3")]
)
def test_another_environments_kernel_or_none(monkeypatch, command, said):
    found = kernel(monkeypatch, command)
    assert not found.ok
    assert found.needed
    assert said in found.found
    assert "ipykernel install --sys-prefix" in found.remedy


def test_warm_kernels_work_here(monkeypatch):
    monkeypatch.delenv("TFCOURSE_WARM", raising=False)
    found = finding("warm kernels")
    assert found.ok is (sys.platform == "linux")
    assert not found.ok or "fork server starts" in found.found


def test_where_there_are_no_warm_kernels_the_reason_is_a_note(monkeypatch):
    from tfcourse.kernels import warm

    monkeypatch.setenv("TFCOURSE_WARM", "0")
    found = finding("warm kernels")
    assert (found.ok, found.needed, found.remedy) == (False, False, "Unset TFCOURSE_WARM to have them.")
    monkeypatch.delenv("TFCOURSE_WARM")
    monkeypatch.setattr(warm.sys, "platform", "darwin")
    found = finding("warm kernels")
    assert (found.ok, found.needed) == (False, False)
    assert "found darwin" in found.found
    assert "works without" in found.remedy


def test_a_provisioner_that_is_not_registered_is_named(monkeypatch):
    def get_kernel_spec(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", get_kernel_spec)
    found = finding("warm kernels")
    assert (found.ok, found.needed, found.remedy) == (False, False, "Run: make setup")


def test_no_sandbox_is_a_note_with_its_remedy(monkeypatch):
    monkeypatch.setattr(doctor.sandbox, "probe", lambda: "bubblewrap is not installed: install it with `apt-get`")
    found = finding("sandbox")
    assert (found.ok, found.needed) == (False, False)
    assert found.found == "bubblewrap is not installed"
    assert "tfcourse autograde: install it with `apt-get`." in found.remedy


def test_a_sandbox_that_works(monkeypatch):
    monkeypatch.setattr(doctor.sandbox, "probe", lambda: None)
    assert finding("sandbox").ok


def test_no_secret_is_a_note():
    found = finding("secret")
    assert (found.ok, found.needed) == (False, False)
    assert "predictable" in found.found
    assert "tfcourse secret" in found.remedy


def test_a_secret_is_named_by_its_id_alone(monkeypatch):
    monkeypatch.setenv("TFCOURSE_SECRET", "0123456789" * 4)
    found = finding("secret")
    assert found.ok
    assert "0123456789" not in repr(found)


def test_a_secret_that_cannot_be_used_is_bad(monkeypatch):
    monkeypatch.setenv("TFCOURSE_SECRET", "short")
    found = finding("secret")
    assert (found.ok, found.needed) == (False, True)
    assert "at least 32 characters" in found.found


def test_the_data_cache_can_be_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("TFCOURSE_DATA", str(tmp_path / "deep" / "data"))
    assert doctor.data_cache() == tmp_path / "deep" / "data"
    assert finding("data cache").ok
    monkeypatch.delenv("TFCOURSE_DATA")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
    assert doctor.data_cache() == tmp_path / "tfcourse"


def test_a_data_cache_that_cannot_be_written_is_a_note(monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)
    found = finding("data cache")
    assert (found.ok, found.needed) == (False, False)
    assert "TFCOURSE_DATA" in found.remedy
