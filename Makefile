# Parley's commands. `make up` and `make test` are all that a new machine needs: they make .venv themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Each module is compiled once, when it is first imported: pip would compile twice as much, and forbidden to keep what
# they compiled, all the processes of a run would do it again.
PIP := $(BIN)/python -m pip --disable-pip-version-check install -q --no-compile
unexport PYTHONDONTWRITEBYTECODE
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

.PHONY: up test drills bench audit screenshots refit teach fmt lint machine lock clean
.DELETE_ON_ERROR:

up: $(RUNTIME)  ## start everything: Redis, the readers, the dashboard on 127.0.0.1:8501
	$(BIN)/parley up

test: $(DEV)  ## everything but the long drills
	$(MAKE) -j2 lint machine
	$(BIN)/python -m pytest -m "not drill" -q -n 2 --dist loadfile --no-loadscope-reorder

drills: $(DEV) machine  ## the long ones: compose, chaos, simulations; DRILLS="--seed 7 --kill-seconds 300"
	$(BIN)/python -m pytest -m "drill and stack" -q --timeout 1200 $(DRILLS)
	$(BIN)/python -m pytest -m "drill and not stack" -q --timeout 1200 -n 2 --dist loadfile --durations 20 $(DRILLS)

bench: $(DEV)  ## speed, as ratios against a raw limit in the same run
	$(BIN)/python -m tests.benchmarks

audit: $(DEV)  ## known weaknesses of what is locked (looked up, where there is a network) and of our own code
	$(BIN)/python deploy/audit.py
	$(BIN)/bandit -q -c pyproject.toml -r monitor dashboard deploy

screenshots: $(DEV)  ## make the README's pictures anew, from the real pages
	$(BIN)/python -m tests.screenshots

refit: $(DEV)  ## learn the judge's weights anew from tests/corpus
	$(BIN)/python -m tests.corpus.refit

teach: tests/corpus/teach.lock  ## teach the encoder anew from tests/corpus (an hour on two cores, 8 GB of disk)
	$(PYTHON) -m venv .venv-teach
	.venv-teach/bin/python -m pip --disable-pip-version-check install -q --no-deps --require-hashes -r $<
	.venv-teach/bin/python -m tests.corpus.teach

fmt: $(DEV)
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: $(DEV)
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

machine: $(DEV)  ## a Chromium, a PostgreSQL and a Redis for the tests
	$(BIN)/python tests/machine.py

lock:  ## resolve pyproject.toml into requirements.lock again (needs uv on PATH)
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	  --python-version 3.11 pyproject.toml --extra s3 --group build --group dev -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	  --python-version 3.11 pyproject.toml -c requirements.lock --group dev --group teach -o tests/corpus/teach.lock

clean:
	rm -rf $(VENV) .venv-teach .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Parley needs Python 3.11 or newer; say which with: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock pyproject.toml deploy/runtime_lock.py | $(VENV)/bin/python
	$(BIN)/python deploy/runtime_lock.py > $(VENV)/runtime.lock
	$(PIP) --require-hashes -r $(VENV)/runtime.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUNTIME)
	$(PIP) --require-hashes -r requirements.lock
	@touch $@
