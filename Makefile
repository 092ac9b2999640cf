# The course's commands. `make` alone lists them.
PYTHON ?= python3
VENV   := .venv
ifeq ($(OS),Windows_NT)
PY     := $(VENV)/Scripts/python
else
PY     := $(VENV)/bin/python
endif
READY  := $(VENV)/.ready
EXTRAS := $(VENV)/.extras
PEERS  := $(VENV)-peers/.ready
SAMPLE := notebooks/data/nutrition-primer.pdf
PIP_OFFLINE = $(if $(OFFLINE),--no-index --find-links "$$OFFLINE/wheels")
# Two processes with a thread each: two threads of one process spend a quarter of their time waiting for one another.
AT_ONCE = OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 --dist loadfile
BENCH   = PYTHONPATH=tests $(PY) -m bench
OUTSIDE_RUN = $(PY) -m tools.outside $(PART) $(if $(OUTSIDE),--folder "$$OUTSIDE") $(if $(LIMIT),--limit $(LIMIT)) \
	$(if $(FULL),--full) $(if $(ANSWERS),--answers) $(if $(LINES),--lines "$$LINES")
BENCHED = $(if $(PDF),--pdf "$$PDF") $(if $(FULL),--full) $(if $(KEEP),--keep)

.DEFAULT_GOAL := help
.PHONY: help setup run chat serve evaluate lab lint test fuzz bench bench-peers outside exercises notebooks html slides artifacts doctor models offline clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo '  make run PDF=path/to.pdf QUESTION="What is ...?"    the whole course over your own PDF'
	@echo '  make setup OFFLINE=path/to/folder                   without a network, from a folder of `make offline`'

setup: $(READY)  ## make .venv, install the tested versions, fetch the models
	@$(if $(OFFLINE),$(PY) -m tools offline --take "$$OFFLINE")
	@$(PY) -m ragkit models --quiet

$(READY): WANTED = course,dev
$(EXTRAS): WANTED = course,dev,library,serve,chat,mcp,test
# pip compiles what it installs with one core, which is nearly half of its time: here every core does.
$(READY) $(EXTRAS): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "ragkit needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@$(if $(OFFLINE),$(PYTHON) -m tools offline --check "$$OFFLINE")
	@echo "Installing into $(VENV): 165 to 200 packages, a few minutes the first time."
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --no-compile --disable-pip-version-check -c constraints.txt -e ".[$(WANTED)]" $(PIP_OFFLINE)
	@$(PY) -m compileall -q -q -j 0 $(VENV)/lib || true
	@touch $(READY) $@

run: setup  ## all six notebooks, from a PDF to an answer (PDF=..., QUESTION=...)
	@$(PY) -m tools run "$${PDF:-}" "$${QUESTION:-}"

chat: $(EXTRAS) setup  ## a page in your browser: choose PDFs, ask (PDF=...)
	@RAGKIT_ARTIFACTS="$${RAGKIT_ARTIFACTS:-notebooks/artifacts}" $(PY) -m ragkit chat $${PDF:+"$$PDF"}

evaluate: setup  ## how well questions about a PDF are answered (PDF=..., QUESTIONS=...)
	@RAGKIT_ARTIFACTS="$${RAGKIT_ARTIFACTS:-notebooks/artifacts}" $(PY) -m ragkit evaluate "$${PDF:-$(SAMPLE)}" "$(if $(QUESTIONS)$(PDF),$${QUESTIONS:-},$(dir $(SAMPLE))questions.jsonl)"

serve: $(EXTRAS) setup  ## answer questions about a PDF over HTTP, for other programs (PDF=...)
	@RAGKIT_ARTIFACTS="$${RAGKIT_ARTIFACTS:-notebooks/artifacts}" $(PY) -m ragkit serve "$${PDF:-$(SAMPLE)}"

lab: setup  ## open JupyterLab on the notebooks
	@$(PY) -m jupyter lab --notebook-dir=. notebooks/01_pdf.ipynb

lint: $(READY)  ## style, format and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

test: $(EXTRAS) setup lint  ## lint, unit tests, tests with the models, all notebooks executed and compared
	@# By their number of tests, as notebooks are sorted by cells, some long files would come last.
	@$(AT_ONCE) --no-loadscope-reorder
	@$(AT_ONCE) --nbval --nbval-current-env --nbval-cell-timeout=600 --timeout=660 notebooks

fuzz: setup  ## 2,000 damaged PDFs (make test tries 100 of them)
	@RAGKIT_FUZZ=2000 $(PY) -m pytest tests/test_fuzz.py

bench: setup  ## how fast each step is beside the tutorial's way (PDF=..., FULL=1, KEEP=1 renews docs/speed.*)
	@$(BENCH) $(BENCHED)

bench-peers: setup $(PEERS)  ## the same with LangChain, LlamaIndex, Haystack and txtai, in .venv-peers
	@$(BENCH) --peers $(BENCHED)

$(PEERS): tests/bench/peers.txt
	@$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install --disable-pip-version-check -r $<
	@touch $@

outside: setup  ## how it does on documents that nobody here wrote (OUTSIDE=folder, PART=..., LIMIT=..., ANSWERS=1, LINES=file)
	@RAGKIT_ARTIFACTS="$${RAGKIT_ARTIFACTS:-notebooks/artifacts}" $(OUTSIDE_RUN)

exercises: $(READY)  ## the notebooks' exercises, anew from notebooks/solutions
	@$(PY) -m tools exercises

notebooks: $(EXTRAS) setup  ## execute all notebooks on the CPU and keep their outputs
	@RAGKIT_DEVICE=cpu RAGKIT_EMBEDDER_DTYPE=float32 $(PY) -m tools notebooks

html: $(READY)  ## the course as linked web pages in html/, to read without installing anything
	@$(PY) -m tools html

slides: $(READY)  ## the workshop of ninety minutes as slides, in slides/
	@$(PY) -m tools slides

artifacts: $(READY)  ## what the notebooks keep of each document (to delete it: make clean)
	@RAGKIT_ARTIFACTS="$${RAGKIT_ARTIFACTS:-notebooks/artifacts}" $(PY) -m ragkit artifacts

doctor:  ## what this machine has, and what to do about what is missing
	@if test -x $(PY); then $(PY) -m ragkit doctor; else $(PYTHON) -m ragkit.doctor; fi

models: setup  ## the models: what is here, what each needs
	@$(PY) -m ragkit models

offline: setup  ## one folder for a room without a network: packages, models, the course (DIR=ragkit-offline, SMALL=1)
	@$(PY) -m tools offline "$${DIR:-ragkit-offline}" $(if $(SMALL),--small)

clean:  ## remove .venv, .venv-peers, artifacts, runs, html, slides and caches (models stay in the user's cache folder)
	rm -rf $(VENV) $(VENV)-peers artifacts notebooks/artifacts runs html slides build dist *.egg-info .coverage .mypy_cache .pytest_cache .ruff_cache
	find . \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -prune -exec rm -rf {} +
