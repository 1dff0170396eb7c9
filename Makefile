# One command each, from a clean clone. Everything a target needs is set up first; a second call is quick.
#
#   make run  [ARGS="gui my-manifests/"]     make test [ARGS="tests/engine -k weave"]

.PHONY: help run test setup setup-dev lint format types contracts bench bundle wheel lock clean

VENV ?= .venv
export VENV := $(abspath $(VENV))
BIN := $(VENV)/bin

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## set up and open the window
	@packaging/run.sh $(ARGS)

test: setup-dev ## set up and run the whole test suite
	$(BIN)/python -m pytest -n 2 $(ARGS)

setup: ## only set up what the program needs
	@packaging/setup.sh run

setup-dev: ## only set up what tests and tools need
	@packaging/setup.sh dev

lint: setup-dev ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup-dev ## put the code into ruff's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup-dev ## mypy, strict
	$(BIN)/mypy

contracts: setup-dev ## who may import whom
	$(BIN)/lint-imports

bench: setup-dev ## the benchmarks, printed as tables (ARGS="--quick", ARGS="layout")
	$(BIN)/python -m benchmarks $(ARGS)

wheel: setup-dev ## build the wheel and try it in an empty environment
	@packaging/wheel.sh

bundle: setup-dev ## build the desktop bundle, try it in a clean environment, compare it with the source run
	@packaging/bundle.sh

lock: setup-dev ## write the lock files again from pyproject.toml
	$(BIN)/python -m pip install --quiet pip-tools
	PYTHON=$(BIN)/python packaging/lock.sh $(ARGS)

clean: ## remove everything that was built, the environment too
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
