"""A chapter small enough to be executed, doctored and refused many times, and where the real ones are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))

SMALL = """\
# A small chapter

$$
a = b
$$ (eq-small)

```{code-cell}
import numpy as np
import matplotlib.pyplot as plt
from matplotlib_inline.backend_inline import set_matplotlib_formats
```

The check:

```{code-cell}
:tags: [hide-cell]

print("eq-small", "holds")
```

## A figure

```{code-cell}
---
mystnb:
  image:
    alt: "A straight line that rises from 0 to 1"
---
plt.rcParams["svg.hashsalt"] = "nnbook"
set_matplotlib_formats("svg", metadata={"Date": None})
_ = plt.plot([0, 1])
```

```{code-cell}
for number in range(3):
    print(number, flush=True)
np.sqrt(16.0)
```
"""


def code(nb, number):
    """The code cell with this number, counted from 0."""
    return [cell for cell in nb.cells if cell.cell_type == "code"][number]
