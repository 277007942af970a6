# make chat: the chat over the sample articles.  make test: the tests.  make eval: the samples evaluated.
# make load: many askers at once, and the server's memory.
# make bench: quality on the development data, speed, and how it scales.  make check: linters, types, import directions, tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: chat test check lint eval bench load clean

chat: $(VENV)/installed
	$(BIN)/qa index || [ $$? -eq 1 ]
	$(BIN)/qa serve

test: $(VENV)/installed-test
	$(BIN)/python -m pytest

check: lint test

lint: $(VENV)/installed-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

eval: $(VENV)/installed
	$(BIN)/qa eval articles/questions.jsonl --articles-from articles --report build/evaluation

bench: $(VENV)/installed-test
	$(PIP) --upgrade pip # an older one takes two spellings of one extra of lxml for two packages
	$(PIP) --editable '.[test,bench]'
	$(BIN)/python tests/bench/extraction.py
	$(BIN)/python tests/bench/retrieval.py
	$(BIN)/python tests/bench/comprehension.py
	$(BIN)/python tests/bench/speed.py
	$(BIN)/python tests/bench/scale.py
	$(BIN)/python tests/bench/squad.py build/development
	for set in new_wiki qed tydiqa; do \
	  $(BIN)/qa eval build/development/$$set.json --articles-from build/development/$$set.json --off-topic \
	    --report build/development/$$set || exit; done

load: $(VENV)/installed-test
	$(BIN)/python tests/load/askers.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV) (some minutes the first time)"
	$(PIP) --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) --editable '.[test]'
	@touch $@

$(VENV)/installed-check: $(VENV)/installed-test
	$(PIP) --editable '.[test,check]'
	@touch $@

clean:
	rm -rf $(VENV) my-index build *.egg-info
