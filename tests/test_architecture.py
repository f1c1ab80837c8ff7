"""Imports run one way, public names exist, and TensorFlow is imported only when it is used."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import tfcourse

PACKAGE = Path(tfcourse.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
LAYERS = [
    {"kernels"},  # could be a package of its own
    {"errors"},
    {"course"},
    {"texts", "journal"},
    {"datasets"},
    {"checks"},
    {"examiner"},
    {"authoring", "exam", "grading", "reports"},
    {"notebook", "selfcheck", "lab", "doctor"},
    {"cli"},
    {"__main__"},
]
"""From the bottom to the top; a part imports from those below it."""
BESIDE_EACH_OTHER = LAYERS[7]
"""These may import from one another."""
EXPECTED_EXCEPTIONS = {
    # The package itself offers what a notebook calls, and fixes the number of threads first of all.
    ("__init__", "checks"),
    ("__init__", "notebook"),
}


def part_of(path):
    """Return the part of the package that a file belongs to: `checks` for checks/guard.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def layer_of(part):
    return next(index for index, parts in enumerate(LAYERS) if part in parts)


def imported_parts(path):
    """Return the parts that a file imports, wherever in it, with the line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where they lead"
            if node.module == "tfcourse":
                names = [f"tfcourse.{alias.name}" for alias in node.names]
            elif node.module:
                names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "tfcourse" and len(parts) > 1 and not parts[1].startswith("__version"):
                found.append((parts[1], node.lineno))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    part = part_of(path)
    for imported, line in imported_parts(path):
        if (part, imported) in EXPECTED_EXCEPTIONS or imported == part:
            continue
        assert layer_of(imported) < layer_of(part) or {imported, part} <= BESIDE_EACH_OTHER, (
            f"{path}:{line}: {part} must not import {imported}"
        )


def test_the_parts_of_a_layer_are_those_that_exist():
    found = {part_of(path) for path in MODULES} - {"__init__"}
    assert found == set().union(*LAYERS)


def test_checks_know_nothing_of_who_asks():
    """The rule that matters most, said once without the table."""
    for path in MODULES:
        if part_of(path) in {"datasets", "checks"}:
            above = {"examiner", "authoring", "grading", "reports", "cli", "notebook", "lab", "doctor"}
            assert not above & {part for part, _ in imported_parts(path)}, path


@pytest.mark.parametrize("name", ["tfcourse", "tfcourse.checks", "tfcourse.examiner"])
def test_public_names_exist_and_are_sorted(name):
    module = importlib.import_module(name)
    assert all(getattr(module, public) is not None for public in module.__all__)
    assert sorted(module.__all__) == sorted(set(module.__all__))


def test_what_a_notebook_and_an_author_may_import():
    assert set(tfcourse.__all__) == {"__version__", "grade", "hint", "practice", "solution"}
    checks = importlib.import_module("tfcourse.checks")
    known = {"FunctionCheck", "ModelCheck", "Ladder", "Split", "FixedBudget", "OwnTraining", "FileModel"}
    known |= {"Advice", "ordinary", "mistake", "rival", "solution_of"}
    assert known <= set(checks.__all__)


@pytest.mark.parametrize(
    ("module", "slow"),
    [
        ("tfcourse.notebook", {"tensorflow", "keras", "nbformat", "nbgrader", "jsonschema", "sklearn"}),
        ("tfcourse.cli", {"tensorflow", "keras", "nbformat", "nbgrader"}),
        ("tfcourse.grading.home", {"tensorflow", "keras"}),
    ],
)
def test_what_is_slow_is_imported_only_when_it_is_used(module, slow):
    program = f"import sys, {module}; print({slow!r} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert run.stdout.strip() == "set()"
