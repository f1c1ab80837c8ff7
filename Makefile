# `make demo` and `make test` are all that a newcomer needs; the first call installs everything into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: help setup demo test test-all lab check format bench lock clean

help:            ## show this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(INSTALLED)  ## install into .venv (the other targets do it themselves)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Expected Python 3.11, 3.12 or 3.13; found {v[0]}.{v[1]}. Choose another: make PYTHON=python3.12")'
	@echo "Installing TensorFlow, JupyterLab and the rest into $(VENV): some minutes, once."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(INSTALLED)   ## release week 5, grade three submissions, print the points
	@$(BIN)/tfcourse demo

test: $(INSTALLED)   ## the package's tests, and of every week what can be tested in minutes
	@$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal

test-all: $(INSTALLED) ## the same without sampling: stock nbgrader grades every sample submission
	@TFCOURSE_TEST_ALL=1 $(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal

lab: $(INSTALLED)    ## open JupyterLab at the syllabus
	@$(BIN)/tfcourse lab

check: $(INSTALLED)  ## what must hold before the tests: style, types, and that the built notebooks are current
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/tfcourse build --check
	@$(BIN)/tfcourse skills --check

format: $(INSTALLED) ## let ruff mend what it can
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(INSTALLED)  ## measure how long grading takes, side by side with stock nbgrader
	@$(BIN)/python bench/bench.py

lock: $(INSTALLED)   ## resolve requirements.lock anew, for all platforms
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet --output-file requirements.lock

clean:           ## remove the environment and what tests and demo left
	rm -rf $(VENV) work/demo .pytest_cache .mypy_cache .ruff_cache
