"""nbgrader's own tests of autograde, with our Autograde and our engine in the place of its own.

All 40 pass, and the two that nbgrader skips are skipped. Where ours differs by design, its tests do not look:

- A notebook whose kernel dies, or cannot be interrupted, is graded for what was answered before; stock fails
  the submission.
- A failed submission leaves nothing in ``autograded/``, also with ``--notebook``, where stock leaves the
  files beside the notebook; the folder itself is there.
- A changed submission, assignment or bound is run again without ``--force``; stock looks at timestamps only.
- One submission with metadata of another version fails alone; stock ends the batch.
- Graded notebooks are cleaned (`tfcourse.grading.cleaning`), and files that a run leaves are put beside them
  where `hand_back_files` says so: no notebooks, and nothing that a browser would run.
- Links that lead out of a submission are not followed, and pipes not waited for.
- stderr in a test cell costs no points.
- Preprocessors run inside of one transaction: what one of them commits is seen by others at the end.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.skipif(not os.environ.get("TFCOURSE_TEST_ALL"), reason="it takes three minutes: make test-all")
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_nbgraders_own_tests_pass_with_our_autograde(tmp_path):
    quiet = ["-q", "-p", "no:cacheprovider", "-W", "ignore", f"--basetemp={tmp_path / 'theirs'}"]
    theirs = ["-p", "nbgrader_suite", "--pyargs", "nbgrader.tests.apps.test_nbgrader_autograde"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, *theirs],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(TESTS),
            # nbgrader looks for alembic there.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "40 passed, 2 skipped" in run.stdout, run.stdout[-5000:]
    assert run.returncode == 0
    batches = re.search(r"our Autograde: (\d+) batches, (\d+) submissions", run.stdout)
    assert int(batches[1]) >= 40
