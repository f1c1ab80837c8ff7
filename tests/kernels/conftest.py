"""A sandbox for the tests of what lies below the kernels."""

import importlib.util
import sys
from pathlib import Path

import pytest

from tfcourse.kernels import sandbox

specification = importlib.util.spec_from_file_location("stand_in", Path(__file__).parent / "stand_in.py")
stand_in = importlib.util.module_from_spec(specification)
sys.modules["stand_in"] = stand_in  # for `from stand_in import ...` in the tests beside this file
specification.loader.exec_module(stand_in)


@pytest.fixture(scope="session")
def needs_sandbox():
    """Skip, and say why, where this machine has no sandbox."""
    reason = sandbox.probe()
    if reason is not None:
        pytest.skip(f"no sandbox here: {reason}")


@pytest.fixture(scope="module")
def box(needs_sandbox):
    """A sandbox with a stand-in fork server, for all tests of a module."""
    box = stand_in.Box()
    yield box
    box.close()
