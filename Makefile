# Every target sets itself up: the first one makes .venv and installs, and it is renewed when the pins change.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
AXE    := tests/browser/node_modules/axe-core/axe.min.js
TORCH  := $(shell sed -n 's/^torch==//p' constraints.txt)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
export HF_HUB_OFFLINE := 1

.DEFAULT_GOAL := help
.PHONY: help install demo run serve test coverage lint format pins clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

install: $(STAMP) ## Make .venv and install the pinned set

# PyTorch goes first and alone: where a CPU build is at hand pip takes it, and nothing later asks for another one.
$(STAMP): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Installing the pinned set into $(VENV): about 1.8 GB, a few minutes, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --upgrade pip
	@$(BIN)/python -m pip install -qq --constraint constraints.txt "torch==$(TORCH)"
	@$(BIN)/python -m pip install -qq --constraint constraints.txt --editable ".[dev]"
	@touch $@

demo: install ## Watch a review being kept alive: bootstrap, nights, alerts, the ranked list (no network)
	@$(BIN)/ivigil demo

run: install ## One surveillance night now, against the real sources
	@$(BIN)/ivigil run

serve: install ## Schedule and run everything on this machine until stopped
	@$(BIN)/ivigil serve

test: install $(AXE) ## The whole test suite
	@$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

coverage: install $(AXE) ## The whole test suite, counting the lines it reaches (half as fast again)
	@$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term

# What checks the pages for accessibility; without npm those tests say why they are skipped.
$(AXE): tests/browser/package.json
	@if command -v npm >/dev/null; then npm install --prefix tests/browser --no-package-lock --no-audit --no-fund --silent; \
	else echo "npm is not there: the accessibility checks will be skipped"; fi

lint: install ## Style, types and floors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install ## Put the code into its one form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

pins: ## Resolve a fresh set of pins within pyproject's bounds; run 'make test' before keeping it
	@rm -rf $(VENV)-pins && $(PYTHON) -m venv $(VENV)-pins
	@$(VENV)-pins/bin/python -m pip install --quiet "torch==$(TORCH)"
	@$(VENV)-pins/bin/python -m pip install --quiet ".[dev]"
	@{ sed -n '/^#/p' constraints.txt; $(VENV)-pins/bin/python -m pip freeze --exclude ivigil | sed 's/+cpu$$//'; } > constraints.new
	@mv constraints.new constraints.txt && rm -rf $(VENV)-pins

clean: ## Remove what the targets made
	rm -rf $(VENV) $(VENV)-pins .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
