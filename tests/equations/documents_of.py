"""Files with equations, for the tests to read."""

import json


def notebook(*sources, **metadata):
    """The text of a notebook; a source that opens with 'code:' is a code cell."""
    cells = []
    for number, source in enumerate(sources):
        cell = {"id": f"c{number}", "metadata": {}, "source": source.removeprefix("code:").splitlines(keepends=True)}
        if source.startswith("code:"):
            cell |= {"cell_type": "code", "execution_count": None, "outputs": []}
        else:
            cell |= {"cell_type": "markdown"}
        cells.append(cell)
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)
