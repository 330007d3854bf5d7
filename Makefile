# Every target runs tools/run.py, which first creates .venv and installs the pinned packages if needed.
# Without make (Windows): python tools/run.py book

TARGETS := book test lab serve execute lint check-notebooks claims mutants site-test audit bench pdf epub assignments clean

# The first interpreter that is new enough; PYTHON=/path/to/python overrides it.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

.PHONY: help $(TARGETS)
help:
	@echo "make book    build the site into _build/html"
	@echo "make test    check the style, the package, the notebooks and the book"
	@echo "make lab     open the book in JupyterLab"
	@echo "make serve   serve the built site on 127.0.0.1"
	@echo "make test ARGS=\"tests/core -x\" passes arguments on; so does every other target"
	@echo "also: $(filter-out book test lab serve,$(TARGETS))"

$(TARGETS):
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer is needed, and none was found; if there is one, run make $@ PYTHON=/path/to/python3" >&2; exit 1; fi
	@"$(PYTHON)" tools/run.py $@ $(ARGS)
