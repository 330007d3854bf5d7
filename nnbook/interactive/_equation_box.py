"""The box in which a reader types an equation, which is judged in the kernel as by `nnbook.verify`."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import ipywidgets

from ..equations.checking import checked_options, worlds_of
from ..equations.errors import EquationError
from ..equations.mutants import words, wrong_forms

if TYPE_CHECKING:
    from ._equation import BrokenEquation

VERDICT = (
    '<p style="font-weight: 600; margin: 0">{status}</p>'
    '<pre style="white-space: pre-wrap; line-height: 1.4; margin: .4em 0 0">{detail}</pre>'
)


def box(broken: BrokenEquation) -> ipywidgets.VBox:
    """Return the box for a `BrokenEquation`: its LaTeX to edit, the wrong forms to choose, formula and verdict."""
    wide = ipywidgets.Layout(width="auto")
    rows = broken.latex.strip().count("\n") + 3
    typed = ipywidgets.Textarea(
        broken.latex.strip(), description="LaTeX", continuous_update=False, rows=rows, layout=wide
    )
    formula, verdict = ipywidgets.HTMLMath(layout=wide), ipywidgets.HTML(layout=wide)
    shown = [broken]

    def show(judged):
        shown[0] = judged
        formula.value = f"$$ {html.escape(judged.latex.strip())} $$"
        verdict.value = VERDICT.format(status=html.escape(judged.status), detail=html.escape(judged.detail))

    def judge(_change=None):
        if typed.value.strip() != shown[0].latex.strip():
            show(broken.judged(typed.value))

    # Pressing the button takes the focus from the text, which already submits what was typed.
    typed.observe(judge, "value")
    check = _button("Check", "Judge the equation in the box", judge)
    back = _button("As printed", "Put the printed equation back", lambda _: _put(typed, broken.printed))
    show(broken)
    choices = ipywidgets.HBox(_choices(broken, typed), layout=ipywidgets.Layout(flex_flow="row wrap"))
    return ipywidgets.VBox([typed, ipywidgets.HBox([check, back]), choices, formula, verdict])


def _choices(broken, typed):
    """Return a button for each kind of wrong form; pressed again it makes the change at the next place."""
    try:
        worlds = worlds_of(broken.label, checked_options(**broken.assumptions))
        made = wrong_forms(broken.printed, worlds)
    except EquationError:  # the printed equation cannot be read, as its verdict says
        return []
    kinds: dict[str, list[str]] = {}
    for mutant in made:
        kinds.setdefault(words(mutant.change), []).append(mutant.latex)

    def button(kind, forms):
        places = iter(())

        def press(_button):
            nonlocal places
            form = next(places, None)
            if form is None:
                places = iter(forms)
                form = next(places)
            _put(typed, form)

        count = f" ({len(forms)})" if len(forms) > 1 else ""
        return _button(kind + count, f"{kind}: press again for the next place" if count else kind, press)

    return [button(kind, forms) for kind, forms in kinds.items()]


def _put(typed, latex):
    typed.value = latex.strip()


def _button(text, tooltip, on):
    button = ipywidgets.Button(description=text, tooltip=tooltip, layout=ipywidgets.Layout(width="auto"))
    button.on_click(on)
    return button
