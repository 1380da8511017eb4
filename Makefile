# Everything one does with this repository; `make help` lists it.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
NPM := npm --prefix frontend --loglevel=error
STEP := sh tools/step.sh
PREFLIGHT := PYTHON=$(PYTHON) sh tools/preflight.sh

# Not prerequisites, for make takes a folder named (account) for a member of an archive. Folders count, or a deleted file
# would go unnoticed; what building and checking write themselves does not.
WEB_BUILT := frontend/out/404.html
WEB_CHANGED := find frontend -mindepth 1 \
	\( -path frontend/node_modules -o -path frontend/out -o -path frontend/.next \) -prune -o \
	! -name next-env.d.ts ! -name '*.tsbuildinfo' -newer $(WEB_BUILT) -print -quit

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run install web test test-unit test-contract test-browser test-web check bench types lock format clean python node

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## start the product with the provider sandbox; installs and builds first what is missing or has changed
	@$(PREFLIGHT) python ports
	@$(MAKE) --no-print-directory install
	@if lack=$$($(PREFLIGHT) node); then $(MAKE) --no-print-directory web; \
	else echo "Starting without the web UI. $$lack"; fi
	@exec $(BIN)/vectorshift serve --sandbox

install: .venv/.installed ## make the virtual environment, with the command .venv/bin/vectorshift

web: frontend/node_modules/.installed ## build the web UI into frontend/out
	@if [ ! -e $(WEB_BUILT) ] || [ -n "$$($(WEB_CHANGED))" ]; then \
	$(STEP) "Building the web UI" $(NPM) run build && touch $(WEB_BUILT); fi

test: .venv/.installed-dev web ## run all tests, on real Cassandra, Redis and Chromium where they can be had
	@status=0; said=$$(mktemp); \
	echo "All others run beside the end-to-end tests, which mostly wait; what they say comes last."; \
	$(MAKE) --keep-going --no-print-directory test-unit test-contract test-browser test-web > $$said 2>&1 & aside=$$!; \
	trap 'kill $$aside 2> /dev/null; rm -f $$said' EXIT; trap 'exit 130' INT TERM; \
	$(BIN)/pytest tests --ignore=tests/unit --ignore=tests/contract --ignore=tests/e2e/browser || status=1; \
	wait $$aside || status=1; cat $$said; \
	exit $$status

test-unit: .venv/.installed-dev ## run those that need nothing real
	@$(BIN)/pytest tests/unit

test-contract: .venv/.installed-dev ## run those that all stores, caches and providers have to pass
	@$(BIN)/pytest tests/contract

test-browser: .venv/.installed-dev web ## run those in Chromium; apart, for Playwright and pytest-asyncio cannot share an event loop
	@$(BIN)/pytest tests/e2e/browser

test-web: frontend/node_modules/.installed ## run the web UI's own
	@$(NPM) test

check: .venv/.installed-dev frontend/node_modules/.installed ## lint, types, import rules, and the API's description
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.openapi --check
	$(NPM) run check

bench: .venv/.installed-dev .venv-bench/.installed ## measure what the product promises about speed
	@$(BIN)/python -m bench

types: .venv/.installed-dev frontend/node_modules/.installed ## write the API's description and the web UI's types anew
	@$(BIN)/python -m tools.openapi > frontend/openapi.json
	@$(NPM) run types

lock: .venv/.installed-dev ## pin what pyproject.toml and bench/ ask for; delete the lock files before to upgrade all
	@$(BIN)/uv pip compile pyproject.toml $(COMPILE) --extra build --output-file requirements.lock
	@$(BIN)/uv pip compile pyproject.toml $(COMPILE) --extra build --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock
	@$(BIN)/uv pip compile bench/requirements.in $(COMPILE) --output-file bench/requirements.lock

COMPILE := --generate-hashes --universal --python-version 3.11 --quiet --custom-compile-command 'make lock'

format: .venv/.installed-dev ## format the Python code and fix what ruff can fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## remove all that the other targets made; var/ and .env, your data and settings, stay
	rm -rf .venv .venv-bench .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf frontend/node_modules frontend/out frontend/.next
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python node:
	@$(PREFLIGHT) $@

.venv/bin/pip: | python
	@$(STEP) "Making a virtual environment" $(PYTHON) -m venv --clear .venv

.venv/.installed: requirements.lock pyproject.toml | .venv/bin/pip
	@$(STEP) "Installing Python packages" $(PIP) install --require-hashes -r requirements.lock
	@$(STEP) "Installing VectorShift" $(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	@$(STEP) "Installing test tools" $(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

.venv-bench/.installed: bench/requirements.lock | .venv/bin/pip
	@$(PYTHON) -m venv --clear --without-pip .venv-bench
	@$(STEP) "Installing the peer of the measurements" $(PIP) --python .venv-bench install --require-hashes -r $<
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json | node
	@$(STEP) "Installing web packages" $(NPM) ci --no-audit --no-fund
	@touch $@
