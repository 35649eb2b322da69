# `make run` and `make test` work on a fresh machine: each target installs what it needs.
# The only requirements are Python 3.11+ and make; uv (https://docs.astral.sh/uv) is used if it is there.

PYTHON ?= python3
BIN := .venv/bin
# The percentage of lines and branches that `make coverage` requires.
FLOOR := 95
UV := $(shell command -v uv 2>/dev/null)
ifdef UV
VENV = $(UV) venv --quiet --python $(PYTHON) .venv
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
else
VENV = $(PYTHON) -m venv .venv
INSTALL = $(BIN)/python -m pip install --quiet
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where it is set, as in images of containers, each process of each run would compile every test
# anew, which takes as long as to collect them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help port run test test-slow coverage mutants bench lint format clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

port:
	@$(PYTHON) deploy/check_port.py

run: port .venv/installed ## start the API with demo data on port $PORT (default 8000)
	@$(BIN)/flask prepare --demo
	@echo "Starting the server; stop it with Ctrl+C ..."
	@exec $(BIN)/gunicorn -c python:halolight.server wsgi:app

test: .venv/installed-dev ## run the quick tests, on SQLite and PostgreSQL
	$(BIN)/pytest -n auto --dist worksteal -m "not slow" $(MEASURED)

test-slow: .venv/installed-dev ## run the slow tests: real servers, nasty values everywhere
	$(BIN)/pytest -n auto --dist loadfile -m slow -rs # and why some were skipped

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
	@test -x $(BIN)/python || { echo "Creating the virtual environment .venv ..."; $(VENV); }
	@echo "Installing the requirements with $(if $(UV),uv,pip), which takes a few minutes at most ..."
	@$(INSTALL) -r requirements.txt
	@touch $@

.venv/installed-dev: .venv/installed requirements-s3.txt requirements-tracing.txt requirements-dev.txt
	@echo "Installing the requirements for development ..."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@
