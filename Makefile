# Everything from a clean clone, with only Python (3.11 to 3.13) and make installed.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One lock for serving, one for development (tests, training, benchmarks); both with hashes.
DEV ?=
LOCK := $(if $(DEV),requirements-dev.lock,requirements.lock)
STAMP := $(VENV)/.$(if $(DEV),dev,serve)

.PHONY: help setup demo test check bench fresh notebooks soak format lock migration clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## the environment alone, in .venv (DEV=1 adds what tests need)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(not (3, 11) <= v < (3, 14) and f"Python 3.11 to 3.13 is needed, this is {v.major}.{v.minor}; try: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.serve $(VENV)/.dev: $(VENV)/bin/python requirements.lock requirements-dev.lock pyproject.toml
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --no-deps --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: ## the main job on the bundled day, with API and desk (DEMO_ARGS=--once: report and exit; --x: on a stand-in for X)
	@$(MAKE) --no-print-directory setup $(if $(filter --x,$(DEMO_ARGS)),DEV=1)
	$(BIN)/triage demo $(DEMO_ARGS)

test: ## the whole test suite (TEST_ARGS=... for pytest)
	@$(MAKE) --no-print-directory setup DEV=1
	@# Threads of linear algebra would only wait for each other. Two workers more than cores: many tests wait for something.
	OPENBLAS_NUM_THREADS=$${OPENBLAS_NUM_THREADS:-1} $(BIN)/python -m pytest \
	  -n $${PYTEST_WORKERS:-$$($(BIN)/python -c "import os; print(2 + (os.cpu_count() or 1))")} --dist loadfile --no-loadscope-reorder $(TEST_ARGS)

check: ## formatting, linting, types, import contracts
	@$(MAKE) --no-print-directory setup DEV=1
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: ## the benchmarks; writes bench.json and the table of the README
	@$(MAKE) --no-print-directory setup DEV=1
	$(BIN)/python -m tests.bench $(BENCH_ARGS)

fresh: ## time the README's two commands from nothing, and write the times into it
	@$(MAKE) --no-print-directory setup DEV=1
	$(BIN)/python -m tests.bench.from_nothing

notebooks: ## run the notebooks and write their pages, with plots, into docs/notebooks
	@$(MAKE) --no-print-directory setup DEV=1
	rm -rf docs/notebooks
	$(BIN)/python -m nbconvert --to markdown --execute --output-dir docs/notebooks notebooks/*.ipynb

soak: ## long tests that are not part of `make test`: 50 soaks of the connection to X (SEEDS=, SOAK_ARGS=), kill and restart over public traffic
	@$(MAKE) --no-print-directory setup DEV=1
	$(BIN)/python -m tests.soak.x --seeds $${SEEDS:-50} $(SOAK_ARGS)
	$(BIN)/python -m pytest -m soak tests/soak $(TEST_ARGS)

format: ## put code into the house's shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## renew both lock files (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements.lock
	uv pip compile pyproject.toml --extra training --group dev --group bench --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements-dev.lock

clean: ## remove the environment and everything that was made
	rm -rf $(VENV) var build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache bench.json
