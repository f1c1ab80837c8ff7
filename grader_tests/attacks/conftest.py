"""All attacks, graded once in one batch."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from attack import read_attacks
from batch import Batch, grade
from broken import broken_attacks

from tfcourse.kernels import sandbox

ATTACKS = [*read_attacks(), *broken_attacks()]


@pytest.fixture(scope="session")
def batch(tmp_path_factory) -> Batch:
    reason = sandbox.probe()
    if reason is not None:
        pytest.skip(f"attacks need a sandbox, and there is none here: {reason}")
    return grade(tmp_path_factory.mktemp("attacks"), ATTACKS)
