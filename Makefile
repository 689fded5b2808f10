# `make brief` and `make test` set up everything they need; a bare machine needs only python3 (3.11 or newer),
# pip (22.3 or newer) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check -q install -c constraints.txt

.PHONY: brief test lint types contracts docs dist bench clean

$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/base.done: $(BIN)/python pyproject.toml constraints.txt
	$(INSTALL) -e .
	touch $@

$(VENV)/dev.done: $(VENV)/base.done
	$(INSTALL) -e '.[dev]'
	touch $@

brief: $(VENV)/base.done ## the brief of the real store if there is one, of a small simulated one otherwise
	$(BIN)/overshort brief --demo-if-missing -o brief.html

test: $(VENV)/dev.done ## the whole test suite
	$(BIN)/python -m pytest -n 2

lint: $(VENV)/dev.done
	$(BIN)/ruff check src tests bench docs
	$(BIN)/ruff format --check src tests bench docs

types: $(VENV)/dev.done
	$(BIN)/mypy

contracts: $(VENV)/dev.done
	$(BIN)/lint-imports

docs: $(VENV)/dev.done ## the documentation, warnings being errors, and every internal link followed
	$(BIN)/python -m sphinx -W --keep-going -q -E -b html docs build/docs
	$(BIN)/python docs/ext/links.py build/docs

dist: $(VENV)/dev.done ## wheel and source archive; needs no network
	$(BIN)/python -m build --no-isolation

bench: $(VENV)/dev.done ## measure; writes nothing
	$(BIN)/python bench/spine.py
	$(BIN)/python bench/kernels.py
	$(BIN)/python bench/evidence.py
	$(BIN)/python bench/web.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
