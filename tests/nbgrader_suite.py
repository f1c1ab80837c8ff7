"""A pytest plugin that puts our Autograde in the place of nbgrader's, for nbgrader's own tests.

::

    PYTHONPATH=tests python -m pytest -p nbgrader_suite --pyargs nbgrader.tests.apps.test_nbgrader_autograde

The engine is the real one, without TensorFlow, which these notebooks do not use: it is started for every call
of the command, and there are seventy. ``TFCOURSE_SUITE_ENGINE`` names another (`fake_engine.FakeEngine`);
``TFCOURSE_SUITE_SANDBOX=0`` runs without a sandbox.
"""

import os

import pytest

from tfcourse.grading import nbgrader

ENGINE_VARIABLE = "TFCOURSE_SUITE_ENGINE"
SANDBOX_VARIABLE = "TFCOURSE_SUITE_SANDBOX"
started = []
"""One entry for every batch, with the number of its submissions."""


def light_engine(**options):
    from tfcourse.grading.engine import Engine

    return Engine(preload=(), **options)


class Autograde(nbgrader.Autograde):
    """Ours, with the engine that the environment names. The class's name decides about its configuration."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.engine_factory = os.environ.get(ENGINE_VARIABLE, light_engine)
        self.sandbox = os.environ.get(SANDBOX_VARIABLE) != "0"
        self.hand_back_files = True  # as nbgrader does

    def convert_notebooks(self):
        started.append(len(self.assignments))
        super().convert_notebooks()


@pytest.fixture(autouse=True)
def _our_autograde(monkeypatch):
    from nbgrader.apps import autogradeapp

    monkeypatch.setattr(autogradeapp, "Autograde", Autograde)


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"our Autograde: {len(started)} batches, {sum(started)} submissions")
