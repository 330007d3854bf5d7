"""Draw lines and bars: costs over epochs, errors against step size, |δ| by layer."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import numpy as np

from nnbook.core.validation import number
from nnbook.plots._axes import by_name, finish, numbers_of, style_of
from nnbook.plots._style import (
    COLOURS,
    SERIES,
    TEXT,
    WIDTH,
    and_list,
    axes_for,
    new_figure,
    picture,
    plural,
    reals,
    short,
)


def _field(history, name):
    value = history.get(name) if isinstance(history, Mapping) else getattr(history, name, None)
    return None if value is None or len(value) == 0 else value


def _is_history(value) -> bool:
    return hasattr(value, "cost") or (isinstance(value, Mapping) and "cost" in value)


@picture
def cost_curve(history, *, log=False, ylabel="cost $J$", title=None, ax=None):
    """Draw the cost after each epoch and, where the history has them, validation cost and accuracies.

    Parameters
    ----------
    history : History, mapping or list of float
        What `fit` returned; or a mapping with "cost" and if wanted "validation_cost", "accuracy",
        "validation_accuracy"; or the costs alone. A mapping of names to any of these compares several trainings by
        their costs.
    log : bool
        A logarithmic axis for the cost, which must then be positive.
    ylabel, title : str, optional
        The words at the axis of the cost and above the picture.
    ax : matplotlib axes, optional
        Where to draw the costs, alone; by default a new figure, with accuracies in a second panel below.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When a curve is no list of finite numbers, or not positive on a logarithmic axis.
    """
    where = "cost_curve"
    several = isinstance(history, Mapping) and not _is_history(history)
    runs = by_name(where, "history", history) if several else {"": history}
    costs, accuracies = {}, {}
    for run, record in runs.items():
        if _is_history(record):
            fields = {
                name: _field(record, name) for name in ("cost", "validation_cost", "accuracy", "validation_accuracy")
            }
        else:
            fields = {"cost": record}
        if fields["cost"] is None:
            raise ValueError(f"{where}: history{f' {run!r}' if run else ''} has no cost: no epoch was run")
        for name, values in fields.items():
            if values is not None:
                checked = numbers_of(where, f"{run} {name}".strip(), values)
                (accuracies if "accuracy" in name else costs)[run, name] = checked
    if log and any((values <= 0).any() for values in costs.values()):
        raise ValueError(f"{where}: log=True needs positive costs; the least is {min(v.min() for v in costs.values())}")

    if ax is None and accuracies and not several:
        figure = new_figure(WIDTH, 5.2)
        ax, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    else:
        figure, ax = axes_for(where, ax)
        below = None
    words = []
    for axes, curves, colour in ((ax, costs, "cost"), (below, accuracies, "ink")):
        for (run, name), values in curves.items() if axes is not None else ():
            style = {"color": COLOURS[colour], "linestyle": "--" if "validation" in name else "-"}
            label = "validation" if "validation" in name else "training"
            if several:
                style = style_of(list(runs).index(run), len(runs), colour)
                label = run
                if "validation" in name:
                    continue
            mark = {"marker": "o"} if len(values) == 1 else {}
            axes.plot(np.arange(1, len(values) + 1), values, label=label, **style, **mark)
            words.append(
                f"{f'{run}, ' if run else ''}{name.replace('_', ' ')} goes from {short(values[0])} to "
                f"{short(values[-1])} in {plural(len(values), 'epoch')}, least {short(values.min())}"
                if "accuracy" not in name
                else f"{name.replace('_', ' ')} goes from {short(values[0])} to {short(values[-1])}"
            )
    if log:
        ax.set_yscale("log")
    finish(ax, "" if below is not None else "epoch", ylabel, title, several or len(costs) > 1)
    if below is not None:
        finish(below, "epoch", "accuracy", None, len(accuracies) > 1)
    from matplotlib.ticker import MaxNLocator

    (below or ax).xaxis.set_major_locator(MaxNLocator(integer=True))
    scale = " on a logarithmic axis" if log else ""
    return figure, f"{f'{title}. ' if title else ''}Curves over epochs{scale}: {'; '.join(words)}."


@picture
def lines(series, x=None, *, xlabel="", ylabel="", log="", markers=False, quantity="activation", title=None, ax=None):
    """Draw one or several curves that differ in colour, line style and, if wanted, marker.

    Parameters
    ----------
    series : list of float, or mapping of str to list of float or to (x, y)
        The curve, or curves by name.
    x : list of float, optional
        Common positions; by default 0, 1, 2 …
    xlabel, ylabel, title : str, optional
        Words at the axes and above.
    log : {"", "x", "y", "xy"}
        Which axes are logarithmic.
    markers : bool
        Mark the points.
    quantity : str
        Key of the colour of a single curve.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When a curve is no list of finite numbers, or its length differs from that of x.
    """
    where = "lines"
    if quantity not in COLOURS:
        raise ValueError(f"{where}: quantity must be one of {sorted(COLOURS)}; it is {quantity!r}")
    if log not in ("", "x", "y", "xy"):
        raise ValueError(f"{where}: log must be '', 'x', 'y' or 'xy'; it is {log!r}")
    curves = {}
    for name, values in by_name(where, "series", series).items():
        positions = x
        if isinstance(values, tuple) and len(values) == 2 and np.ndim(values[0]) == 1:
            positions, values = values
        y = numbers_of(where, name or "series", values)
        at = np.arange(len(y), dtype=float) if positions is None else numbers_of(where, "x", positions)
        if len(at) != len(y):
            raise ValueError(f"{where}: {name or 'series'} has {len(y)} numbers, so x needs {len(y)}; it has {len(at)}")
        for axis, data in (("x", at), ("y", y)):
            if axis in log and (data <= 0).any():
                raise ValueError(
                    f"{where}: a logarithmic {axis} axis needs positive numbers; {name or 'series'} has {data.min()}"
                )
        curves[name] = (at, y)
    figure, ax = axes_for(where, ax)
    words = []
    for position, (name, (at, y)) in enumerate(curves.items()):
        mark = {"marker": SERIES[position % len(SERIES)][2]} if markers or len(y) == 1 else {}
        ax.plot(at, y, label=name or None, **style_of(position, len(curves), quantity), **mark)
        words.append(
            f"{name or ylabel or 'the curve'} goes from {short(y[0])} to {short(y[-1])} "
            f"(least {short(y.min())}, greatest {short(y.max())})"
        )
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")
    finish(ax, xlabel, ylabel, title, len(curves) > 1)
    over = f" over {xlabel}" if xlabel else ""
    return (
        figure,
        f"{f'{title}. ' if title else ''}{plural(len(curves), 'curve').capitalize()}{over}: {'; '.join(words)}.",
    )


@picture
def v_curve(h, errors, *, optimum=None, xlabel="step $h$", ylabel="error of the derivative", title=None, ax=None):
    """Draw errors of numerical derivatives against the step size, both axes logarithmic.

    To the right of the bottom the formula's truncation rules, to the left the rounding of the numbers.

    Parameters
    ----------
    h : array of shape (n,)
        Step sizes, positive.
    errors : array of shape (n,) or mapping of str to such
        Absolute errors, not negative. An error of exactly 0 has no place on the axis: it is drawn on its lower edge.
    optimum : float or mapping of str to float, optional
        Theoretical best steps: vertical lines, by the names of `errors`.
    xlabel, ylabel, title : str, optional
        Words at the axes and above.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When a step is not positive, an error negative, lengths differ, or an optimum has no curve.
    """
    where = "v_curve"
    steps = numbers_of(where, "h", h, least=2)
    if (steps <= 0).any():
        raise ValueError(f"{where}: h must be positive; the least is {steps.min()}")
    order = np.argsort(steps, kind="stable")
    steps = steps[order]
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
    marks = {} if optimum is None else by_name(where, "optimum", optimum)
    for name, value in marks.items():
        if name not in curves:
            raise ValueError(
                f"{where}: optimum names {name!r}, which is no curve; these are {and_list(map(repr, curves))}"
            )
        marks[name] = number(where, "optimum", value, above=0)
    seen = np.concatenate([values[values > 0] for values in curves.values()])
    floor = min(float(seen.min()) if seen.size else 1e-16, 1e-16) / 3

    figure, ax = axes_for(where, ax, WIDTH, 4.0)
    words = []
    for position, (name, values) in enumerate(curves.items()):
        style = style_of(position, len(curves), "delta")
        ax.plot(steps, np.where(values > 0, values, floor), label=name or None, **style,
                marker=SERIES[position % len(SERIES)][2], markersize=4)  # fmt: skip
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
    finish(ax, xlabel, ylabel, None, False)
    if len(curves) > 1 or marks:
        # Above the axes: the curves of a V leave no corner free.
        ax.legend(loc="lower left", bbox_to_anchor=(-0.12, 1.0), ncols=2, title=title, title_fontsize=11.5)
    elif title:
        ax.set_title(title, fontweight="bold")
    return figure, f"{f'{title}. ' if title else ''}Error against step size, both axes logarithmic: {'; '.join(words)}."


@picture
def delta_by_layer(deltas, *, ylabel=r"mean $|\,\delta\,|$", title=None, ax=None):
    """Draw the size of the neuron error layer by layer, on a logarithmic axis.

    Parameters
    ----------
    deltas : mapping of int to array, or mapping of str to such
        Errors by layer number, as `grads.delta` holds them (the mean of |δ| is drawn), or their sizes as plain
        numbers; several networks by name.
    ylabel, title : str, optional
        Words at the axis and above.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When a layer's errors are not finite or all 0: these have no place on the axis.
    """
    where = "delta_by_layer"
    if not isinstance(deltas, Mapping) or not len(deltas):
        raise TypeError(
            f"{where}: deltas must map layers to errors, as grads.delta does; it is {type(deltas).__name__}"
        )
    named = {"": deltas} if all(isinstance(key, int | np.integer) for key in deltas) else deltas
    curves = {}
    for name, by_layer in named.items():
        if not isinstance(by_layer, Mapping):
            raise TypeError(f"{where}: deltas[{name!r}] must map layers to errors; it is {type(by_layer).__name__}")
        sizes = []
        for l, delta in by_layer.items():
            label = f"delta[{l}]" + (f" of {name!r}" if name else "")
            size = float(np.abs(np.atleast_1d(reals(where, label, delta))).mean())
            if size == 0:
                raise ValueError(f"{where}: {label} is 0 everywhere; it has no place on a logarithmic axis")
            sizes.append(size)
        curves[str(name)] = (np.array(list(by_layer), dtype=int), np.array(sizes))
    figure, ax = axes_for(where, ax)
    words = []
    for position, (name, (layers, sizes)) in enumerate(curves.items()):
        ax.plot(layers, sizes, label=name or None, marker=SERIES[position % len(SERIES)][2],
                **style_of(position, len(curves), "delta"))  # fmt: skip
        words.append(
            f"{f'{name}, ' if name else ''}from {short(sizes[0])} in layer {layers[0]} "
            f"to {short(sizes[-1])} in layer {layers[-1]}"
        )
    from matplotlib.ticker import MaxNLocator

    ax.set_yscale("log")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    finish(ax, "layer $l$", ylabel, title, len(curves) > 1)
    return figure, f"{f'{title}. ' if title else ''}Mean size of δ by layer, logarithmic axis: {'; '.join(words)}."


@picture
def bars(values, *, quantity="weight", xlabel="", log=False, decimals=None, title=None, ax=None):
    """Draw named numbers as horizontal bars, each with its number.

    Parameters
    ----------
    values : mapping of str to float
        The bars, from top to bottom.
    quantity : str
        Key of their colour.
    xlabel, title : str, optional
        Words at the axis and above.
    log : bool
        A logarithmic axis, for positive numbers.
    decimals : int, optional
        Digits after the point of the printed numbers; by default four significant digits.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure, taller for more bars.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When a value is no finite number, or not positive on a logarithmic axis.
    """
    where = "bars"
    if not isinstance(values, Mapping) or not values:
        raise TypeError(f"{where}: values must map names to numbers; it is {values!r}")
    if quantity not in COLOURS:
        raise ValueError(f"{where}: quantity must be one of {sorted(COLOURS)}; it is {quantity!r}")
    numbers = {str(name): number(where, f"values[{name!r}]", v, above=0 if log else None) for name, v in values.items()}
    texts = {
        name: (f"{v:,.0f}" if decimals is None and v == round(v) and abs(v) < 1e9 else short(v)
               if decimals is None else f"{v:,.{decimals}f}").replace("-", "−")
        for name, v in numbers.items()
    }  # fmt: skip
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
    return figure, f"{f'{title}. ' if title else ''}Bars{scale}: {'; '.join(f'{n} {texts[n]}' for n in numbers)}."
