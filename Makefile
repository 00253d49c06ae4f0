# Guicang 归仓. `make help` lists what can be done. Needs make and Python 3.11 or newer, nothing else.

# The first interpreter on PATH that is new enough; PYTHON=/path/to/python3.12 chooses another one.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 2
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard src/guicang/locale/*/LC_MESSAGES/django.po))
# No address in the locks: whoever installs uses an index of their own.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml --extra build
export PYTHONDONTWRITEBYTECODE ?=

.DEFAULT_GOAL := help
.PHONY: help run demo test test-sqlite test-postgresql test-all check lint types layers migrations translations docs \
	fix lock screens bench clean install install-dev

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

run: install ## install, migrate, demo data, then serve web and worker (GUICANG_PORT=8000 chooses the port)
	@$(BIN)/guicang run $(ARGS)

demo: install ## fill an empty database with demo data and stop
	@$(BIN)/guicang demo $(ARGS)

install: $(VENV)/run.stamp $(CATALOGUES) ## what it takes to run
install-dev: $(VENV)/dev.stamp $(CATALOGUES) ## what it takes to test and check

test: ## the tests on SQLite, then on PostgreSQL
	@$(MAKE) --no-print-directory test-sqlite; first=$$?; \
	$(MAKE) --no-print-directory test-postgresql; second=$$?; \
	test $$first -eq 0 -a $$second -eq 0

test-sqlite: install-dev ## the tests on SQLite alone (ARGS= goes to pytest)
	$(BIN)/python -m pytest --engine=sqlite -n $(WORKERS) -m "not slow" $(ARGS)

test-postgresql: install-dev ## the tests on PostgreSQL alone
	$(BIN)/python -m pytest --engine=postgresql -n $(WORKERS) -m "not slow" $(ARGS)

test-all: install-dev ## both engines with the real ledger, the large tier and many random examples
	GUICANG_TEST_TIER=deep $(BIN)/python -m pytest --engine=sqlite -n $(WORKERS) $(ARGS)
	GUICANG_TEST_TIER=deep $(BIN)/python -m pytest --engine=postgresql -n $(WORKERS) $(ARGS)

check: lint types layers migrations translations docs ## everything that is checked without running a test

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
types: install-dev
	$(BIN)/mypy
layers: install-dev
	$(BIN)/lint-imports
migrations: install-dev
	DJANGO_SETTINGS_MODULE=guicang.config.settings $(BIN)/python -m django check --fail-level WARNING
	DJANGO_SETTINGS_MODULE=guicang.config.settings $(BIN)/python -m django makemigrations --check --dry-run
translations: install-dev
	$(BIN)/python -m tools.translations check
docs: install-dev
	$(BIN)/python -m tools.docs check

fix: install-dev ## let the tools mend what they can: style, catalogues, generated documents
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m tools.translations update
	$(BIN)/python -m tools.docs write

screens: install-dev ## pictures of every page into FOLDER (default: var/screens)
	$(BIN)/python -m tools.screens $(or $(FOLDER),var/screens) $(ARGS)

bench: install-dev ## measure; asserts nothing
	$(BIN)/python -m benchmarks $(ARGS)

lock: install-dev ## renew both lock files (ARGS=--upgrade takes newer versions)
	$(COMPILE) $(ARGS) -o requirements.lock
	$(COMPILE) --extra dev $(ARGS) -o requirements-dev.lock

clean: ## remove the environment, caches and compiled catalogues; data under var/ stays
	rm -rf $(VENV) build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
	find src -name '*.mo' -delete

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Guicang needs Python 3.11 or newer: none found on PATH. Install one, or say make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Guicang needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) -V 2>&1`"; exit 1; }
	@echo "Making the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "No environment could be made. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing (once, about half a minute)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# The larger lock holds the smaller one, so an environment for tests also runs.
$(VENV)/dev.stamp: requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing, with the tools for tests (once, about a minute)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(VENV)/run.stamp $@

%.mo: %.po | $(VENV)/run.stamp
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@
