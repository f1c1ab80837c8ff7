"""All attacks, graded once in one batch."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from attack import read_attacks
from batch import Batch, grade_once
from broken import broken_attacks

from tfcourse.kernels import sandbox

ATTACKS = [*read_attacks(), *broken_attacks()]


HARMLESS = ("network", "reads_files")
"""They only look, and so may be run without a sandbox."""


@pytest.fixture(scope="session")
def batch(tmp_path_factory) -> Batch:
    reason = sandbox.probe()
    if reason is not None:
        pytest.skip(f"attacks need a sandbox, and there is none here: {reason}")
    return grade_once(_shared(tmp_path_factory) / "attacks", ATTACKS)


@pytest.fixture(scope="session")
def unprotected(tmp_path_factory) -> Batch:
    harmless = [attack for attack in ATTACKS if attack.name in HARMLESS]
    return grade_once(_shared(tmp_path_factory) / "unprotected", harmless, sandbox=False)


def _shared(tmp_path_factory) -> Path:
    """Return a folder that is the same for all processes of these tests."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
