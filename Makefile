# Two commands do everything on a fresh machine: `make run` and `make test`.
# Each target installs what it needs; nothing but Python 3.11+ and make has to be there.

PYTHON ?= python3
BIN := .venv/bin
# What `make coverage` asks for: percent of the lines and branches.
FLOOR := 95
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test test-slow coverage bench lint format clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: .venv/installed ## serve the API with demo data on $PORT (8000)
	@$(BIN)/flask db upgrade
	@$(BIN)/flask seed --demo
	@exec $(BIN)/gunicorn -c python:halolight.server wsgi:app

test: .venv/installed-dev ## run the tests that are quick, on SQLite and on PostgreSQL
	$(BIN)/pytest -n auto --dist worksteal -m "not slow" $(MEASURED)

test-slow: .venv/installed-dev ## run the others: real servers, nasty values everywhere
	$(BIN)/pytest -n auto --dist loadfile -m slow

coverage: MEASURED = --cov=halolight --cov-report=term --cov-fail-under=$(FLOOR)
coverage: test ## run the tests that are quick, and hold how much of the code they run

bench: .venv/installed-dev ## measure speed and memory with wrk; BENCH="reads --rounds 1" does less
	$(BIN)/python -m benchmarks $(BENCH)

lint: .venv/installed-dev ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/installed-dev ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the virtual environment and what tools have cached
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed (make PYTHON=python3.12 ...)")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@
