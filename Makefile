# Two commands matter: `make demo` and `make test`. README.md explains both; `make help` lists all.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# pyproject.toml says what is needed, constraints.txt in which version.
NEEDS := pyproject.toml constraints.txt
POSTGRES_TESTS ?= database
# One order of sets in every worker, so that all collect the same tests; three, as many tests wait.
PYTEST := PYTHONHASHSEED=0 $(BIN)/python -m pytest -q -n 3 --skip-nothing

# Compiled once, whatever the surroundings say, and not by each of the processes that are started.
unexport PYTHONDONTWRITEBYTECODE

# For `make demo`: PORT=8000, FRESH=1 to begin anew, DATA=DIR for real data.
PORT ?= 8000
FRESH ?=
DATA ?=

# For `make bench-index`: how many rows; 64 bytes of disk each.
ROWS ?= 10000000

.DEFAULT_GOAL := help
.PHONY: help demo test tools lint format check-types check-imports tests bench bench-index clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.installed ## a whole alliance on this machine, at http://127.0.0.1:8000 (Ctrl-C ends it)
	@exec $(BIN)/securegrid demo --port $(PORT) $(if $(FRESH),--fresh) $(if $(DATA),--data "$(DATA)")

test: tools $(VENV)/.installed-dev ## install what the checks need, then run every check and every test
	@$(MAKE) --no-print-directory -j 2 lint tests

tools: ## what the tests need outside Python: chromium, CJK fonts, PostgreSQL
	@sh scripts/check-tools

lint: $(VENV)/.installed-dev ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Everything once on SQLite, a file in one process, so that what it starts is started once; then what
# touches the database again on PostgreSQL.
tests: $(VENV)/.installed-dev ## every test; nothing is skipped
	$(PYTEST) --dist loadscope --no-loadscope-reorder
	$(BIN)/python -m tests.postgres env $(PYTEST) --dist worksteal -m "$(POSTGRES_TESTS)"

format: $(VENV)/.installed-dev ## put the code into its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## measure; writes a JSON and a Markdown report under var/bench/
	$(BIN)/python -m bench

bench-index: $(VENV)/.installed-dev ## measure the index alone: ROWS=100000000 (10 million)
	$(BIN)/python -m bench.index $(ROWS)

clean: ## remove what was installed and measured; the demo's data in var/ stays
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	@sh scripts/make-venv "$(PYTHON)" $(VENV)

$(VENV)/.installed: $(VENV)/bin/python $(NEEDS)
	@echo "Installing SecureGRID Portal into $(VENV) ..."
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python $(NEEDS)
	@echo "Installing SecureGRID Portal and its checks into $(VENV) ..."
	@$(PIP) install -c constraints.txt -e ".[dev]"
	@touch $(VENV)/.installed $@
