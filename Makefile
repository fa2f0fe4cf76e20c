# Every target makes the virtual environment itself when it is needed: each works as the first command on a fresh clone.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= out
N ?= 100000
export PYTHONHASHSEED := 0
# The suite and the nightly run start Python often: what is compiled once is kept, whatever the shell says (__pycache__ is ignored by git).
unexport PYTHONPATH PYTHONDONTWRITEBYTECODE

# With a wheelhouse/ beside this file the installation needs no network (see `make wheelhouse`).
PIP_SOURCE := $(if $(wildcard wheelhouse/*.whl),--no-index --find-links wheelhouse,)

$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "oncomart needs Python 3.11 or newer; $(PYTHON) is older. Name another: make PYTHON=python3.11"; exit 2; }
	@echo "Setting up $(VENV) (once, about two minutes)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment here (on Debian and Ubuntu: apt-get install python3-venv)"; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_SOURCE) --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . 2>&1 | { grep -E '^(ERROR|error)' || true; }
	@$(BIN)/python -c 'import etl.cli' && touch $@

.PHONY: help setup pipeline test check golden bench proofs nightly wheelhouse lock clean clean-venv

help:  ## what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: $(VENV)/.installed  ## set up .venv (the other targets do it by themselves)

pipeline: $(VENV)/.installed  ## run the bundled registries, or your own: PROJECT=DIR [OUT=DIR]
ifdef PROJECT
	@$(BIN)/oncomart run --project "$(PROJECT)" --out "$(OUT)"
else
	@$(BIN)/oncomart examples --out "$(OUT)"
endif

test: $(VENV)/.installed  ## the whole test suite
	@$(BIN)/python -m pytest

check: $(VENV)/.installed  ## lint, types, import contract, generated pages
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m schemas.pages --check && $(BIN)/python -m validations.pages --check

golden: $(VENV)/.installed  ## regenerate the generated pages and the golden files (look at the difference before you commit it)
	@$(BIN)/python -m pytest -p no:randomly -n 0 --golden tests/golden
	@$(BIN)/python -m schemas.pages && $(BIN)/python -m validations.pages

bench: $(VENV)/.installed  ## the whole line against a floor measured in the same run: N=100000 [KEEP=yes]
	@$(BIN)/python -m tests.benchmarks.line --women $(N) --verify $(if $(KEEP),--keep)

proofs: $(VENV)/.installed  ## slow proofs: crash trials, large differential runs
	@$(BIN)/python -m pytest --override-ini addopts="-q --strict-markers" -m slow

nightly: $(VENV)/.installed  ## one scheduled run of ONCOMART_PROJECT into ONCOMART_OUT, for cron or a systemd timer
	@test -n "$$ONCOMART_PROJECT" -a -n "$$ONCOMART_OUT" || { echo "make nightly needs ONCOMART_PROJECT and ONCOMART_OUT"; exit 2; }
	@$(BIN)/oncomart run --quiet

wheelhouse: $(VENV)/.installed  ## download every package for a machine without a network
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --require-hashes --dest wheelhouse -r requirements.txt
	@echo "wheelhouse/ holds $$(ls wheelhouse | wc -l) packages: copy it beside the Makefile of the other machine"

lock:  ## pin the dependencies anew (needs a network and pip-tools)
	@$(PYTHON) -m piptools compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	  --no-header --strip-extras --extra dev --allow-unsafe --output-file requirements.txt pyproject.toml

clean:  ## remove caches, and the releases of the bundled registries with their history (never landed files, keys or your own releases)
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@for each in published registry trial_days; do rm -rf "$(OUT)/$$each/releases" "$(OUT)/$$each/refused" "$(OUT)/$$each/current" "$(OUT)/$$each/runs.jsonl"; done

clean-venv:  ## remove .venv
	@rm -rf $(VENV)
