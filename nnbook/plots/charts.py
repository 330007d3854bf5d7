"""Draw lines and bars: costs over epochs, errors against step size, |δ| by layer."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.core.validation import number
from nnbook.plots._axes import by_name, finish, known_quantity, marker_of, style_of
from nnbook.plots._canvas import axes_for, new_figure, picture
from nnbook.plots._style import COLOURS, TEXT, WIDTH
from nnbook.plots._text import and_list, plural, short
from nnbook.plots._values import numbers_of, reals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@picture
def cost_curve(
    history: Any, *, log: bool = False, ylabel: str = "cost $J$", title: str | None = None, ax: Axes | None = None
) -> tuple[Figure, str]:
    """Draw the cost after each epoch and, where the history has them, validation cost and accuracies.

    Parameters
    ----------
    history : History, mapping or list of float
        What `fit` returned; or a mapping with "cost" and optionally "validation_cost", "accuracy",
        "validation_accuracy"; or only the costs. A mapping of names to any of these compares several training
        runs by their costs.
    log : bool
        A logarithmic axis for the cost, which must then be positive.
    ax : matplotlib axes, optional
        Where to draw the costs, without accuracies; by default a new figure, with accuracies in a second panel below.

    Raises
    ------
    TypeError, ValueError
        When a curve is not a list of finite numbers, or not positive on a logarithmic axis.
    """
    where = "cost_curve"
    several = isinstance(history, Mapping) and not _is_history(history)
    runs = by_name(where, "history", history) if several else {"": history}
    costs, accuracies = _curves_of(where, runs)
    if log and any((values <= 0).any() for values in costs.values()):
        raise ValueError(f"{where}: log=True needs positive costs; the least is {min(v.min() for v in costs.values())}")

    below = None
    if ax is None and accuracies and not several:
        figure = new_figure(WIDTH, 5.2)
        ax, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    else:
        figure, ax = axes_for(where, ax)
    if several:
        words = _draw_runs(ax, list(runs), costs)
    else:
        words = _draw_kinds(ax, costs, "cost") + ([] if below is None else _draw_kinds(below, accuracies, "ink"))
    if log:
        ax.set_yscale("log")
    finish(ax, "" if below is not None else "epoch", ylabel, title, several or len(costs) > 1)
    if below is not None:
        finish(below, "epoch", "accuracy", None, len(accuracies) > 1)
    _whole_numbers(below or ax)
    scale = " on a logarithmic axis" if log else ""
    return figure, f"Curves over epochs{scale}: {'; '.join(words)}."


def _is_history(value: Any) -> bool:
    return hasattr(value, "cost") or (isinstance(value, Mapping) and "cost" in value)


def _field(history: Any, name: str) -> Any:
    value = history.get(name) if isinstance(history, Mapping) else getattr(history, name, None)
    return None if value is None or len(value) == 0 else value


def _curves_of(where: str, runs: Mapping[str, Any]) -> tuple[dict, dict]:
    """Return the costs and the accuracies, both by (run, name)."""
    costs: dict[tuple[str, str], np.ndarray] = {}
    accuracies: dict[tuple[str, str], np.ndarray] = {}
    for run, record in runs.items():
        fields = {"cost": record}
        if _is_history(record):
            names = ("cost", "validation_cost", "accuracy", "validation_accuracy")
            fields = {name: _field(record, name) for name in names}
        if fields["cost"] is None:
            raise ValueError(f"{where}: history{f' {run!r}' if run else ''} has no cost: no epoch was run")
        for name, values in fields.items():
            if values is not None:
                checked = numbers_of(where, f"{run} {name}".strip(), values)
                (accuracies if "accuracy" in name else costs)[run, name] = checked
    return costs, accuracies


def _draw_runs(ax: Axes, runs: Sequence[str], costs: Mapping[tuple[str, str], np.ndarray]) -> list[str]:
    """Draw the costs of several training runs, without those of validation; return them in words."""
    words = []
    for (run, name), values in costs.items():
        if name == "cost":
            _draw_curve(ax, values, run, style_of(runs.index(run), len(runs), "cost"))
            words.append(f"{f'{run}, ' if run else ''}{_cost_words(name, values)}")
    return words


def _draw_kinds(ax: Axes, curves: Mapping[tuple[str, str], np.ndarray], colour: str) -> list[str]:
    """Draw the curves of one training run, those of validation dashed; return them in words."""
    words = []
    for (_, name), values in curves.items():
        held_out = "validation" in name
        style = {"color": COLOURS[colour], "linestyle": "--" if held_out else "-"}
        _draw_curve(ax, values, "validation" if held_out else "training", style)
        accuracy = f"{name.replace('_', ' ')} goes from {short(values[0])} to {short(values[-1])}"
        words.append(accuracy if "accuracy" in name else _cost_words(name, values))
    return words


def _draw_curve(ax: Axes, values: np.ndarray, label: str, style: dict[str, Any]) -> None:
    mark: dict[str, Any] = {"marker": "o"} if len(values) == 1 else {}
    ax.plot(np.arange(1, len(values) + 1), values, label=label, **style, **mark)


def _cost_words(name: str, values: np.ndarray) -> str:
    ends = f"goes from {short(values[0])} to {short(values[-1])} in {plural(len(values), 'epoch')}"
    return f"{name.replace('_', ' ')} {ends}, least {short(values.min())}"


def _whole_numbers(ax: Axes, **options: Any) -> None:
    """Put the ticks of the horizontal axis at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True, **options))


@picture
def lines(
    series: Any, x: ArrayLike | None = None, *, xlabel: str = "", ylabel: str = "", log: str = "",
    markers: bool = False, quantity: str = "activation", title: str | None = None, ax: Axes | None = None,
) -> tuple[Figure, str]:  # fmt: skip
    """Draw one or several curves that differ in colour, line style and, optionally, marker.

    Parameters
    ----------
    series : list of float, or mapping of str to list of float or to (x, y)
        The curve, or curves by name.
    x : list of float, optional
        Common positions; by default 0, 1, 2 …
    log : {"", "x", "y", "xy"}
        Which axes are logarithmic.
    markers : bool
        Mark the points.
    quantity : str
        Key of the colour of a single curve.

    Raises
    ------
    TypeError, ValueError
        When a curve is not a list of finite numbers, or its length differs from that of x.
    """
    where = "lines"
    known_quantity(where, quantity)
    if log not in ("", "x", "y", "xy"):
        raise ValueError(f"{where}: log must be '', 'x', 'y' or 'xy'; it is {log!r}")
    curves = {name: _points(where, name, values, x, log) for name, values in by_name(where, "series", series).items()}
    figure, ax = axes_for(where, ax)
    words = []
    for position, (name, (at, y)) in enumerate(curves.items()):
        mark: dict[str, Any] = {"marker": marker_of(position)} if markers or len(y) == 1 else {}
        ax.plot(at, y, label=name or None, **style_of(position, len(curves), quantity), **mark)
        words.append(
            f"{name or ylabel or 'the curve'} goes from {short(y[0])} to {short(y[-1])} "
            f"(least {short(y.min())}, greatest {short(y.max())})"
        )
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")
    finish(ax, xlabel, ylabel, title, 1 < len(curves) <= 4)
    if len(curves) > 4:  # above the axes: so many curves leave no corner free
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0 if not title else 1.08), ncols=3)
    over = f" over {xlabel}" if xlabel else ""
    return figure, f"{plural(len(curves), 'curve').capitalize()}{over}: {'; '.join(words)}."


def _points(where: str, name: str, values: Any, x: Any, log: str) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of one curve, checked."""
    if isinstance(values, tuple) and len(values) == 2 and np.ndim(values[0]) == 1:
        x, values = values
    y = numbers_of(where, name or "series", values)
    at = np.arange(len(y), dtype=float) if x is None else numbers_of(where, "x", x)
    if len(at) != len(y):
        raise ValueError(f"{where}: {name or 'series'} has {len(y)} numbers, so x needs {len(y)}; it has {len(at)}")
    for axis, data in (("x", at), ("y", y)):
        if axis in log and (data <= 0).any():
            raise ValueError(
                f"{where}: a logarithmic {axis} axis needs positive numbers; {name or 'series'} has {data.min()}"
            )
    return at, y


@picture
def v_curve(
    h: ArrayLike, errors: ArrayLike | Mapping[str, ArrayLike], *, optimum: float | Mapping[str, float] | None = None,
    xlabel: str = "step $h$", ylabel: str = "error of the derivative", title: str | None = None, ax: Axes | None = None,
) -> tuple[Figure, str]:  # fmt: skip
    """Draw errors of numerical derivatives against the step size, both axes logarithmic.

    To the right of the minimum the truncation error of the formula dominates, to the left the rounding error.

    Parameters
    ----------
    h : array of shape (n,)
        Step sizes, positive.
    errors : array of shape (n,) or mapping of str to such
        Absolute errors, not negative. A logarithmic axis has no 0: an error of exactly 0 is drawn on its lower edge.
    optimum : float or mapping of str to float, optional
        Theoretical best steps: vertical lines, by the names of `errors`.

    Raises
    ------
    TypeError, ValueError
        When a step is not positive, an error negative, lengths differ, or an optimum has no curve.
    """
    where = "v_curve"
    steps, curves = _errors_by_step(where, h, errors)
    marks = _optima(where, optimum, curves)
    seen = np.concatenate([values[values > 0] for values in curves.values()])
    floor = min(float(seen.min()) if seen.size else 1e-16, 1e-16) / 3

    figure, ax = axes_for(where, ax, WIDTH, 4.0)
    words = []
    for position, (name, values) in enumerate(curves.items()):
        style = style_of(position, len(curves), "delta")
        ax.plot(steps, np.where(values > 0, values, floor), label=name or None, **style,
                marker=marker_of(position), markersize=4)  # fmt: skip
        best = int(np.argmin(values))
        text = f"{name or 'the error'} is least at h = {short(steps[best])}, where it is {short(values[best])}"
        if (values == 0).any():
            text += f" ({int((values == 0).sum())} of them exactly 0, on the lower edge)"
        if name in marks:
            ax.axvline(marks[name], color=style["color"], linestyle=(0, (1, 2)), linewidth=1.6,
                       label=f"{name or 'best $h$'}, in theory")  # fmt: skip
            text += f", in theory at {short(marks[name])}"
        words.append(text)
    from matplotlib.ticker import LogLocator

    ax.set(xscale="log", yscale="log")
    ax.xaxis.set_major_locator(LogLocator(numticks=7))
    if any((values == 0).any() for values in curves.values()):
        ax.set_ylim(bottom=floor)
    legend = len(curves) > 1 or bool(marks)
    finish(ax, xlabel, ylabel, None if legend else title, False)
    if legend:  # above the axes: the curves of a V leave no corner free
        ax.legend(loc="lower left", bbox_to_anchor=(-0.12, 1.0), ncols=2, title=title, title_fontsize=11.5)
    return figure, f"Error against step size, both axes logarithmic: {'; '.join(words)}."


def _errors_by_step(where: str, h: Any, errors: Any) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the steps in rising order, and the errors by name in the same order."""
    steps = numbers_of(where, "h", h, least=2)
    if (steps <= 0).any():
        raise ValueError(f"{where}: h must be positive; the least is {steps.min()}")
    order = np.argsort(steps, kind="stable")
    curves = {}
    for name, values in by_name(where, "errors", errors).items():
        values = numbers_of(where, f"errors[{name!r}]" if name else "errors", values)
        if values.shape != steps.shape:
            raise ValueError(
                f"{where}: {name or 'errors'} needs one number for each of {len(steps)} steps; it has {len(values)}"
            )
        if (values < 0).any():
            raise ValueError(f"{where}: {name or 'errors'} must not be negative; the least is {values.min()}")
        curves[name] = values[order]
    return steps[order], curves


def _optima(where: str, optimum: Any, curves: Mapping[str, np.ndarray]) -> dict[str, float]:
    marks = {} if optimum is None else by_name(where, "optimum", optimum)
    for name in marks:
        if name not in curves:
            raise ValueError(
                f"{where}: optimum must name curves, which are {and_list(map(repr, curves))}; one name is {name!r}"
            )
    return {name: number(where, "optimum", value, above=0) for name, value in marks.items()}


@picture
def delta_by_layer(
    deltas: Mapping, *, ylabel: str = r"mean $|\,\delta\,|$", title: str | None = None, ax: Axes | None = None
) -> tuple[Figure, str]:
    """Draw the size of the neuron error layer by layer, on a logarithmic axis.

    Parameters
    ----------
    deltas : mapping of int to array, or mapping of str to such
        Errors by layer number, as `grads.delta` holds them (the mean of |δ| is drawn), or their sizes as plain
        numbers; several networks by name.

    Raises
    ------
    TypeError, ValueError
        When a layer's errors are not finite, or all 0: a logarithmic axis has no 0.
    """
    where = "delta_by_layer"
    if not isinstance(deltas, Mapping) or not len(deltas):
        raise TypeError(
            f"{where}: deltas must map layers to errors, as grads.delta does; it is {type(deltas).__name__}"
        )
    named = {"": deltas} if all(isinstance(key, int | np.integer) for key in deltas) else deltas
    curves = {str(name): _sizes(where, name, by_layer) for name, by_layer in named.items()}
    figure, ax = axes_for(where, ax)
    words = []
    for position, (name, (layers, sizes)) in enumerate(curves.items()):
        style = style_of(position, len(curves), "delta")
        ax.plot(layers, sizes, label=name or None, marker=marker_of(position), **style)
        words.append(
            f"{f'{name}, ' if name else ''}from {short(sizes[0])} in layer {layers[0]} "
            f"to {short(sizes[-1])} in layer {layers[-1]}"
        )
    ax.set_yscale("log")
    _whole_numbers(ax, min_n_ticks=1)
    finish(ax, "layer $l$", ylabel, title, len(curves) > 1)
    return figure, f"Mean size of δ by layer, logarithmic axis: {'; '.join(words)}."


def _sizes(where: str, name: Any, by_layer: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the layers and the mean of |δ| in each."""
    if not isinstance(by_layer, Mapping):
        raise TypeError(f"{where}: deltas[{name!r}] must map layers to errors; it is {type(by_layer).__name__}")
    sizes = []
    for l, delta in by_layer.items():
        label = f"delta[{l}]" + (f" of {name!r}" if name else "")
        size = float(np.abs(np.atleast_1d(reals(where, label, delta))).mean())
        if size == 0:
            raise ValueError(f"{where}: {label} must not be 0 everywhere: the axis is logarithmic")
        sizes.append(size)
    return np.array(list(by_layer), dtype=int), np.array(sizes)


@picture
def bars(
    values: Mapping[str, float], *, quantity: str = "weight", xlabel: str = "", log: bool = False,
    decimals: int | None = None, title: str | None = None, ax: Axes | None = None,
) -> tuple[Figure, str]:  # fmt: skip
    """Draw named numbers as horizontal bars, each with its number.

    Parameters
    ----------
    values : mapping of str to float
        The bars, from top to bottom.
    quantity : str
        Key of their colour.
    log : bool
        A logarithmic axis, for positive numbers.
    decimals : int, optional
        Digits after the point of the printed numbers; by default four significant digits.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure, taller for more bars.

    Raises
    ------
    TypeError, ValueError
        When a value is not a finite number, or not positive on a logarithmic axis.
    """
    where = "bars"
    if not isinstance(values, Mapping) or not values:
        raise TypeError(f"{where}: values must map names to numbers; it is {values!r}")
    known_quantity(where, quantity)
    numbers = {str(name): number(where, f"values[{name!r}]", v, above=0 if log else None) for name, v in values.items()}
    texts = {name: _printed(v, decimals) for name, v in numbers.items()}
    figure, ax = axes_for(where, ax, WIDTH, 0.95 + 0.44 * len(numbers))
    names = [textwrap.fill(name, 18, break_long_words=False) for name in numbers]
    drawn = ax.barh(names, list(numbers.values()), color=COLOURS[quantity], height=0.62)
    ax.bar_label(drawn, labels=list(texts.values()), padding=4, fontsize=10.5, color=TEXT)
    if log:
        ax.set_xscale("log")
    negative = any(v < 0 for v in numbers.values())
    ax.margins(x=0.35 if negative else 0.2)  # room for the numbers beyond the bars
    ax.invert_yaxis()
    if negative:
        ax.axvline(0, color=COLOURS["ink"], linewidth=1)
    ax.tick_params(axis="y", length=0)
    finish(ax, xlabel, "", title, False)
    ax.grid(False, axis="y")
    scale = ", logarithmic axis" if log else ""
    return figure, f"Bars{scale}: {'; '.join(f'{n} {texts[n]}' for n in numbers)}."


def _printed(value: float, decimals: int | None) -> str:
    """Return the number at a bar: counts in full, and others with four significant digits unless decimals are given."""
    if decimals is not None:
        text = f"{value:,.{decimals}f}"
    else:
        text = f"{value:,.0f}" if value == round(value) and abs(value) < 1e9 else short(value)
    return text.replace("-", "−")
