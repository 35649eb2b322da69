# `make run` and `make test` work on a fresh machine: each target installs what it needs.
# The only requirements are Python 3.11+ and make.

PYTHON ?= python3
BIN := .venv/bin
# The percentage of lines and branches that `make coverage` requires.
FLOOR := 95
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test test-slow coverage mutants bench lint format clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: .venv/installed ## start the API with demo data on port $PORT (default 8000)
	@$(BIN)/flask db upgrade
	@$(BIN)/flask seed --demo
	@exec $(BIN)/gunicorn -c python:halolight.server wsgi:app

test: .venv/installed-dev ## run the quick tests, on SQLite and PostgreSQL
	$(BIN)/pytest -n auto --dist worksteal -m "not slow" $(MEASURED)

test-slow: .venv/installed-dev ## run the slow tests: real servers, nasty values everywhere
	$(BIN)/pytest -n auto --dist loadfile -m slow

coverage: MEASURED = --cov=halolight --cov-report=term --cov-fail-under=$(FLOOR)
coverage: test ## run the quick tests and check how much of the code they cover

mutants: .venv/installed-dev ## check that the tests catch each fault in tests/mutants
	$(BIN)/python -m tests.mutants

bench: .venv/installed-dev ## run the benchmarks (needs wrk); BENCH="reads --rounds 1" runs fewer
	$(BIN)/python -m benchmarks $(BENCH)

lint: .venv/installed-dev ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/installed-dev ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the virtual environment and the caches of the tools
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed (make PYTHON=python3.12 ...)")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

.venv/installed-dev: .venv/installed requirements-s3.txt requirements-dev.txt
	$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@
