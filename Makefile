# Two commands on a fresh machine: `make demo` shows the main job, `make test` checks everything.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
CHAT := extension/chat
NODE := $(CHAT)/node_modules/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test nightly tools check format page bench picture schema lock clean

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.ready  ## make .venv with everything that development needs, and .venv/bin/spyhop

# Hashes pin every dependency; no index or download address is recorded.
$(VENV)/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Spyhop needs Python 3.11 or later; name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "This Python cannot make virtual environments. On Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(NODE): $(CHAT)/package-lock.json $(CHAT)/package.json
	@command -v npm >/dev/null || { echo "The chat page is built with Node 20 or later: install it"; exit 1; }
	npm ci --silent --prefix $(CHAT)
	@touch $@

demo: setup  ## implement a function and comment it, with the real engine on a stand-in model
	$(RUN)/spyhop demo $(if $(shell test -t 0 && echo tty),,--yes)

test: check tools  ## check, then run every test
	npm test --silent --prefix $(CHAT)
	$(RUN)/pytest

nightly: setup  ## look ten times as long for a lost keystroke or a wrong completion
	SPYHOP_EXAMPLES=2000 $(RUN)/pytest --timeout 3600 tests/sessions/test_stateful.py \
	  tests/sessions/test_completions_stateful.py tests/core/completion/test_positions.py

# Debian's packages, where they are missing and this user may install them.
tools: setup
	@command -v patch >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -qq -y --no-install-recommends patch; } || \
	  echo "GNU patch is missing, so the tests that need it are skipped. On Debian: apt-get install patch"
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { test "$$(id -u)" = 0 && \
	  command -v apt-get >/dev/null && apt-get update -qq && \
	  apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk; } || \
	  echo "Chromium is missing, so the tests of the chat page are skipped. On Debian: apt-get install chromium"

check: setup $(NODE)  ## format, lint, types, contracts between the floors
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports --no-cache
	npm run --silent check --prefix $(CHAT)

format: setup $(NODE)  ## write the code as `make check` wants it
	$(RUN)/ruff format .
	$(RUN)/ruff check --fix .
	npm run --silent format --prefix $(CHAT)

page: $(NODE)  ## build the chat page into extension/chat/built, which is committed
	npm run --silent build --prefix $(CHAT)

bench: setup  ## measure speed; docs/BENCHMARKS.md says what the figures mean
	$(RUN)/python tests/bench/run.py

picture: setup  ## draw the pictures of docs/ from real runs
	$(RUN)/python docs/picture.py
	PYTHONPATH=tests $(RUN)/python docs/chat_picture.py

schema: setup  ## write the JSON Schemas of the settings
	$(RUN)/python docs/schema.py

lock: setup  ## pin the dependencies anew
	$(RUN)/python -m pip install --quiet uv
	$(RUN)/uv pip compile pyproject.toml --extra embedded --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url --output-file requirements.txt

clean:  ## remove what was made here
	rm -rf $(VENV) $(CHAT)/node_modules $(CHAT)/.tests dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
