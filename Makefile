# What CI runs is what you run: `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK_PIP := build/lock/bin/python -m pip --disable-pip-version-check
URL ?= http://127.0.0.1:8000
KEY_FILE ?= .memcubed/bootstrap-key
.DEFAULT_GOAL := help
.PHONY: help up docs image-check test test-clients test-times lint types openapi openapi-check sdk sdk-check lock bench clean

help: ## Show the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or newer is needed: make PYTHON=python3.12 …'; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --requirement requirements.lock
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --editable .
	touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --requirement requirements-dev.lock
	touch $@

up: $(VENV)/.installed ## Run the whole service on embedded Postgres and Valkey
	@exec $(BIN)/memcubed up

# Without bytecode on disk each process of the tests would compile all of them, and rewrite their assertions, anew.
# The order is that of tests/run_order.py.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.installed-dev ## Run the tests on a throw-away Postgres and Valkey
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --max-worker-restart 0 --ignore tests/clients

# Clients of other makers, and generated ones, need Node and packages from the registries; see tests/clients.
test-clients: $(VENV)/.installed-dev ## Run clients of other makers against the running service (needs Node 20)
	$(BIN)/python -m pytest tests/clients --timeout 900

# Before midnight on the last day of February, over New Year, over the change to summer time where the machine is.
test-times: export PYTHONDONTWRITEBYTECODE =
test-times: $(VENV)/.installed-dev ## Run the tests that depend on the clock at other times (needs libfaketime)
	$(BIN)/python -m tests.at_time "2028-02-29 23:30"
	$(BIN)/python -m tests.at_time "2027-12-31 23:58" --zone America/Los_Angeles
	$(BIN)/python -m tests.at_time "2027-03-28 00:58" --zone Europe/Berlin

lint: $(VENV)/.installed-dev ## Check style, imports and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.installed-dev ## Check types
	$(BIN)/basedpyright
	$(BIN)/basedpyright -p benchmarks/pyrightconfig.json

openapi: $(VENV)/.installed ## Write openapi/openapi.json
	$(BIN)/memcubed openapi --write

openapi-check: $(VENV)/.installed ## Fail unless openapi/openapi.json is current
	$(BIN)/memcubed openapi --check

sdk: ## Write what of the clients is generated
	$(PYTHON) sdk/python/scripts/generate.py
	sdk/typescript/generate.sh
	sdk/go/generate.sh

sdk-check: ## Fail unless the generated parts of the clients are current
	$(PYTHON) sdk/python/scripts/generate.py --check
	sdk/typescript/generate.sh --check
	sdk/go/generate.sh --check

lock: ## Make the lock files anew from pyproject.toml
	rm -rf build && $(PYTHON) -m venv build/lock
	$(LOCK_PIP) install --quiet .
	$(LOCK_PIP) freeze --exclude memcubed --exclude pip --exclude setuptools > build/requirements.lock
	$(LOCK_PIP) install --quiet '.[dev]'
	$(LOCK_PIP) freeze --exclude memcubed --exclude pip --exclude setuptools > build/requirements-dev.lock
	@# redis needs it before Python 3.11.3; a freeze under a newer Python leaves it out.
	for file in build/requirements.lock build/requirements-dev.lock; do \
		echo 'async-timeout==5.0.1; python_full_version < "3.11.3"' >> $$file; done
	mv build/requirements.lock build/requirements-dev.lock .
	rm -rf build

bench: $(VENV)/.installed ## Measure speed of a running service; LOCOMO=file LONGMEMEVAL=folder add quality
	$(BIN)/python benchmarks/http_speed.py --url $(URL) --key "$$(cat $(KEY_FILE))"
	$(BIN)/python -m benchmarks.scale --data-dir $(dir $(KEY_FILE))
ifneq ($(LOCOMO)$(LONGMEMEVAL),)
	$(BIN)/python -m benchmarks.quality --ablate $(if $(LOCOMO),--locomo $(LOCOMO)) \
		$(if $(LONGMEMEVAL),--longmemeval $(LONGMEMEVAL))
endif

build/docs-venv/.installed: docs/requirements.txt
	rm -rf build/docs-venv && $(PYTHON) -m venv build/docs-venv
	build/docs-venv/bin/python -m pip --disable-pip-version-check install --quiet --requirement docs/requirements.txt
	touch $@

docs: build/docs-venv/.installed ## Build the site of the documentation; a broken link is an error
	build/docs-venv/bin/python scripts/docs_site.py

image-check: $(VENV)/.installed ## Build the image and run it (root on Debian; needs no container engine)
	$(BIN)/python -m scripts.image_check

clean: ## Remove what can be made again; your data in .memcubed stays
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache
