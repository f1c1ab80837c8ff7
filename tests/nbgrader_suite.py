"""A pytest plugin that puts our Autograde in the place of nbgrader's, for nbgrader's own tests.

::

    PYTHONPATH=tests python -m pytest -p nbgrader_suite --pyargs nbgrader.tests.apps.test_nbgrader_autograde

``TFCOURSE_SUITE_ENGINE`` names the engine: `tfcourse.grading.engine.Engine` by default, or
`fake_engine.FakeEngine`. ``TFCOURSE_SUITE_SANDBOX=0`` runs without a sandbox.
"""

import os

import pytest

from tfcourse.grading import nbgrader

ENGINE_VARIABLE = "TFCOURSE_SUITE_ENGINE"
SANDBOX_VARIABLE = "TFCOURSE_SUITE_SANDBOX"


class Autograde(nbgrader.Autograde):
    """Ours, with the engine that the environment names. The name decides about the configuration."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.engine_factory = os.environ.get(ENGINE_VARIABLE)
        self.sandbox = os.environ.get(SANDBOX_VARIABLE) != "0"


@pytest.fixture(autouse=True)
def _our_autograde(monkeypatch):
    from nbgrader.apps import autogradeapp

    monkeypatch.setattr(autogradeapp, "Autograde", Autograde)
