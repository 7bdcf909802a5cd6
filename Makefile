# Two commands for a newcomer: `make demo`, `make test`. `make check` is the fast loop.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SYNC := $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes

.PHONY: demo test check bench lock client web clean

demo: $(VENV)/.core
	$(BIN)/dayan demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -m "not slow and not neo4j and not browser"

bench: $(VENV)/.dev
	$(BIN)/python -m bench all

# The environment. uv, put into it by pip, installs about five times faster than pip does.
$(BIN)/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"

$(VENV)/.core: requirements.txt pyproject.toml $(BIN)/uv
	@test -f $(VENV)/.dev || $(SYNC) requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml $(BIN)/uv
	$(SYNC) requirements-dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@ $(VENV)/.core

# Pinned versions with hashes, for all platforms, naming no host.
lock: $(BIN)/uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra agents --extra documents --extra finance --extra learn --extra ocr --extra oidc --extra telemetry --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate -c requirements.txt -o requirements-dev.txt

# The types that the pages know the API by; a test fails when they are older than the routes.
client: $(VENV)/.dev web/client/node_modules
	$(BIN)/python -m api > $(VENV)/openapi.json
	node web/client/generate.mjs < $(VENV)/openapi.json

web/client/node_modules: web/client/package-lock.json
	cd web/client && npm ci

web:
	cd web && npm ci && npm run build

clean:
	rm -rf $(VENV) dayan-data
