"""Figures show what they claim: the right numbers, lines and colours, a description, the same bytes on each run."""

import itertools
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import matplotlib
import matplotlib.contour
import matplotlib.figure
import matplotlib.patches
import matplotlib.text
import numpy as np
import pytest
from matplotlib import colors as mcolors

import nnbook as nn

plots = nn.plots
LN3 = np.log(3.0)


@pytest.fixture(scope="module")
def worked():
    return nn.datasets.one_three_two()


@pytest.fixture(scope="module")
def digits_net():
    return nn.Network([12, 3, 2], rng=np.random.default_rng(5))


def artists(figure, start):
    """The drawn things whose hidden label begins so, whatever their kind."""
    return [a for a in figure.findobj() if str(a.get_label()).startswith(start)]


def texts(figure):
    return [t.get_text() for t in figure.findobj(matplotlib.text.Text) if t.get_text() and t.get_visible()]


def same_colour(left, right):
    return np.allclose(mcolors.to_rgb(left), mcolors.to_rgb(right), atol=1 / 255)


def contrast(one, other):
    def luminance(colour):
        v = np.array(mcolors.to_rgb(colour))
        v = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
        return v @ [0.2126, 0.7152, 0.0722]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def every_figure():
    """One call of every public function that draws, by name."""
    net, x, t = nn.datasets.one_three_two()
    h = np.logspace(-12, 0, 13)
    return {
        "network": lambda: plots.network(net),
        "backprop_step": lambda: plots.backprop_step(net, x, t),
        "eight_steps": lambda: plots.eight_steps(4),
        "computation_graph": lambda: plots.computation_graph(*plots.GRAPHS["two paths"], values={"C": 5 / 32}),
        "cost_curve": lambda: plots.cost_curve({"cost": [3.0, 2.0, 1.5], "accuracy": [0.5, 0.6, 0.9]}),
        "lines": lambda: plots.lines({"one": [1.0, 2.0], "two": [2.0, 3.0]}),
        "curve": lambda: plots.curve(lambda w: (2 * w - 4) ** 2, (0, 4), steps=[1, 1.8]),
        "slope": lambda: plots.slope(lambda x: x * x, 3.0),
        "v_curve": lambda: plots.v_curve(h, {"forward": h, "central": h**2}, optimum={"forward": 1e-8}),
        "delta_by_layer": lambda: plots.delta_by_layer({2: np.array([0.1, -0.3]), 3: np.array([0.5])}),
        "bars": lambda: plots.bars({"forward": 79400, "backward": 80410}),
        "images": lambda: plots.images(np.linspace(0, 1, 24).reshape(2, 12), (4, 3), labels=["0", "1"]),
        "decision_boundary": lambda: plots.decision_boundary(
            lambda Z: Z[:, 0] - Z[:, 1] + 0.5, [[0.0, 1.0], [1.0, 0.0], [2.0, 0.5]], [0, 1, 1]
        ),
        "surface": lambda: plots.surface(
            lambda x, y: x**2 + y**2, (-4, 4), (-5, 5), paths=[[3.0, 4.0], [1.5, 2.0]], minimum=(0, 0)
        ),
        "confusion": lambda: plots.confusion([[30, 2, 0], [5, 41, 1], [0, 0, 9]]),
    }


# --- all figures ----------------------------------------------------------------------------------


def test_every_drawing_function_is_covered_here():
    drawing = {name for name in plots.__all__ if callable(getattr(plots, name))}
    assert drawing - {"describe", "paths_to_cost", "use_book_style"} == set(every_figure())


@pytest.mark.parametrize("name", every_figure())
def test_figure_describes_itself_and_leaves_no_trace(name):
    from matplotlib import pyplot

    before = dict(matplotlib.rcParams)
    figure = every_figure()[name]()
    assert isinstance(figure, matplotlib.figure.Figure)
    assert plots.describe(figure) == figure.alt
    assert len(figure.alt) > 30
    assert not re.search(r"[${}\\]", figure.alt)
    assert pyplot.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", every_figure())
def test_same_bytes_each_time_and_no_bitmap_inside(name):
    from nnbook.plots import _style

    figure = every_figure()[name]()
    first = figure._repr_svg_()
    assert "<svg" in first
    assert "<image" not in first  # a bitmap would be blurred, and its bytes depend on a compression library
    assert "<dc:date" not in first
    assert matplotlib.__version__ not in first
    with matplotlib.rc_context(_style.book_rc()):
        assert figure._repr_svg_() == first  # shown again; a warning would be an error here
    assert every_figure()[name]()._repr_svg_() == first  # drawn again


@pytest.mark.parametrize("name", every_figure())
def test_letters_are_large_enough_for_a_phone_on_a_transparent_page(name):
    figure = every_figure()[name]()
    shrink = min(1.0, 328 / (96 * figure.get_figwidth()))
    for text in figure.findobj(matplotlib.text.Text):
        if text.get_text() and text.get_visible():
            pixels = text.get_fontsize() * 96 / 72 * shrink
            assert pixels >= 7, f"{text.get_text()!r} would be {pixels:.1f} pixels high"
    assert figure.get_facecolor()[3] == 0
    assert all(ax.get_facecolor()[3] == 0 for ax in figure.axes)


@pytest.mark.parametrize("count", [2, 4, 5, 9])
def test_the_names_of_many_curves_stand_above_the_axes(count):
    figure = plots.lines({f"curve {k}": [0, k, 0] for k in range(count)}, title="Curves")
    figure.canvas.draw()
    ax = figure.axes[0]
    legend = ax.get_legend().get_window_extent()
    assert (legend.y0 >= ax.get_window_extent().y1 - 1) == (count > 4)


@pytest.mark.parametrize("background", ["white", "#121212"])
def test_colours_are_legible_on_light_and_dark(background):
    from nnbook.plots import _style

    assert set(plots.COLOURS) == {"activation", "weight", "delta", "cost", "ink"}
    for colour in [*plots.COLOURS.values(), _style.TEXT, *(colour for colour, _, _ in _style.SERIES)]:
        assert contrast(colour, background) >= 3, colour  # graphics
    assert contrast(_style.TEXT, background) >= 4.3
    for fill in _style.FILLS.values():
        assert contrast(fill, "white") >= 4.5, fill  # white letters in boxes
        assert contrast(fill, background) >= 3, fill


def test_series_never_use_a_colour_of_a_quantity():
    from nnbook.plots import _style

    taken = {colour.upper() for colour in plots.COLOURS.values()}
    assert taken.isdisjoint(colour.upper() for colour, _, _ in _style.SERIES)
    assert len({(colour, line) for colour, line, _ in _style.SERIES}) == len(_style.SERIES)


def test_colours_cannot_be_changed_by_accident():
    with pytest.raises(TypeError):
        plots.COLOURS["weight"] = "red"


def test_describe_refuses_a_figure_without_words():
    with pytest.raises(TypeError, match=r"describe: figure must come from nnbook\.plots"):
        plots.describe(matplotlib.figure.Figure())


def test_own_axes_are_used_and_get_the_words():
    figure = matplotlib.figure.Figure()
    left, right = figure.subplots(1, 2)
    assert plots.lines([1.0, 3.0], ax=left) is figure
    plots.bars({"one": 7}, ax=right)
    assert len(left.lines) == 1
    assert len(right.patches) == 1
    assert "from 1 to 3" in figure.alt
    assert "one 7" in figure.alt


def test_what_is_no_axes_is_refused():
    with pytest.raises(TypeError, match="bars: ax must be matplotlib axes or None; it is str"):
        plots.bars({"one": 7}, ax="left")


def test_importing_the_package_and_its_plots_does_not_import_matplotlib():
    code = "import sys, nnbook; nnbook.plots.COLOURS; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_book_style_outside_a_notebook_sets_the_parameters():
    code = (
        "import matplotlib, nnbook as nn; nn.plots.use_book_style();"
        "p = matplotlib.rcParams; print(p['svg.hashsalt'], p['text.color'], p['figure.facecolor'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["nnbook", "#727A88", "none"]


# --- in a notebook --------------------------------------------------------------------------------

CELLS = {
    "style": "import numpy as np\nimport nnbook as nn\nnn.plots.use_book_style()",
    "ours": "nn.plots.network([3, 2])",
    "assigned": "fig = nn.plots.bars({'a': 1, 'b': 2})",
    "named": "fig",
    "pyplot": "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);",
    "again": "nn.plots.network([3, 2])",
    "plain": "import nnbook as nn\nnn.plots.network([3, 2])",
}
STYLED = ("style", "ours", "assigned", "named", "pyplot", "again")


def run_notebook(*names):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELLS[name]) for name in names])
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    return {name: cell.outputs for name, cell in zip(names, notebook.cells)}


def pictures(outputs):
    return [output.data for output in outputs if "data" in output and any("image" in kind for kind in output.data)]


@pytest.mark.filterwarnings("default")  # the kernel's own
def test_in_a_notebook_each_figure_appears_once_as_the_same_svg():
    first, second = run_notebook(*STYLED), run_notebook(*STYLED)
    for name in ("ours", "named", "pyplot", "again"):
        assert len(first[name]) == 1, name
        (picture,) = pictures(first[name])
        assert [kind for kind in picture if "image" in kind] == ["image/svg+xml"]
        assert picture["image/svg+xml"] == pictures(second[name])[0]["image/svg+xml"]
        assert "date>" not in picture["image/svg+xml"]
    assert first["style"] == []
    assert first["assigned"] == []
    assert first["ours"][0].data["image/svg+xml"] == first["again"][0].data["image/svg+xml"]


@pytest.mark.filterwarnings("default")
def test_without_style_and_with_style_after_pyplot_a_picture_appears_once():
    outputs = run_notebook("plain", "pyplot", "style", "ours")
    (picture,) = pictures(outputs["plain"])
    assert "image/svg+xml" in picture
    (picture,) = pictures(outputs["ours"])
    assert set(picture) == {"image/svg+xml", "text/plain"}


# --- network --------------------------------------------------------------------------------------


def test_network_draws_one_line_a_weight_and_one_circle_a_unit(digits_net):
    figure = plots.network(digits_net)
    assert len(artists(figure, "_edge w")) == 12 * 3 + 3 * 2
    circles = figure.findobj(matplotlib.patches.Circle)
    assert len(circles) == 12 + 3 + 2
    assert "$a^1_{12}$" in texts(figure)
    assert "12-3-2" in figure.alt


def test_network_tells_signs_apart_by_dashes_and_sizes_by_width(worked):
    net, _, _ = worked
    figure = plots.network(net, edges="none")
    lines = {line.get_label()[len("_edge ") :]: line for line in artists(figure, "_edge w")}
    assert len(lines) == 9
    for l in net.W:
        for j, i in np.ndindex(net.W[l].shape):
            line = lines[f"w^{l}_{{{j + 1}{i + 1}}}"]
            assert same_colour(line.get_color(), plots.COLOURS["weight"])
            assert line.is_dashed() == (net.W[l][j, i] < 0)
    assert lines["w^3_{12}"].get_linewidth() > lines["w^3_{13}"].get_linewidth() > lines["w^2_{31}"].get_linewidth()
    assert "9 weights, 3 of them negative" in figure.alt
    assert "largest in size is 3" in figure.alt


def test_line_from_unit_i_ends_at_unit_j(worked):
    net, _, _ = worked
    figure = plots.network(net, edges="none")
    place = {t.get_text(): t.get_position() for t in figure.findobj(matplotlib.text.Text)}
    (line,) = artists(figure, "_edge w^3_{23}")
    (x0, x1), (y0, y1) = line.get_data()
    (xa, ya), (xb, yb) = place["$a^2_{3}$"], place["$a^3_{2}$"]
    assert np.cross([xb - xa, yb - ya, 0], [x1 - x0, y1 - y0, 0])[2] == pytest.approx(0, abs=1e-9)
    assert xa < x0 < x1 < xb
    assert np.hypot(x0 - xa, y0 - ya) == pytest.approx(np.hypot(x1 - xb, y1 - yb))


def test_network_names_or_prints_weights(worked):
    net, _, _ = worked
    assert "$w^3_{23}$" in texts(plots.network(net))
    printed = texts(plots.network(net, edges="values"))
    assert {"1.10", "−1.10", "0.55", "−2.00", "1.50"} <= set(printed)
    assert not any(text.startswith("$w") for text in printed)
    assert not any(text.startswith("$w") for text in texts(plots.network(net, edges="none")))


def test_network_with_values_prints_them_in_the_colour_of_their_quantity(worked):
    net, x, t = worked
    trace = net.forward(x[None])
    figure = plots.network(net, values=trace.a)
    assert {"2.00", "0.75", "0.50", "0.25"} <= set(texts(figure))
    assert "Activations of layer 2: 0.75, 0.50, 0.25" in figure.alt
    delta = nn.backprop(net, x[None], t[None], nn.SquaredError()).delta
    figure = plots.network(net, values=delta, quantity="delta", decimals=3)
    assert "0.125" in texts(figure)
    fills = [c.get_facecolor() for c in figure.findobj(matplotlib.patches.Circle)]
    from nnbook.plots._style import FILLS

    assert sum(same_colour(fill, FILLS["delta"]) for fill in fills) == 5
    assert sum(same_colour(fill, FILLS["activation"]) for fill in fills) == 1


def test_bias_unit_sends_a_line_to_every_unit_of_the_next_layer(worked):
    net, _, _ = worked
    figure = plots.network(net, bias=True)
    assert len(artists(figure, "_edge b")) == 3 + 2
    assert texts(figure).count("1") == 2
    assert "always 1" in figure.alt


def test_large_layers_are_abbreviated():
    figure = plots.network([784, 100, 10])
    assert texts(figure).count("⋮") == 2
    assert {"784 units", "100 units", "$a^1_{784}$"} <= set(texts(figure))
    assert "$a^1_{5}$" not in texts(figure)
    assert len(figure.findobj(matplotlib.patches.Circle)) == 5 + 5 + 10
    assert "784 units" in figure.alt


def test_structure_alone_has_neutral_lines():
    figure = plots.network([3, 4, 2])
    lines = artists(figure, "_edge w")
    assert len(lines) == 20
    assert all(same_colour(line.get_color(), plots.COLOURS["ink"]) for line in lines)


def test_recurrent_picture_has_a_loop_on_every_hidden_unit():
    assert len(artists(plots.network([2, 3, 1], recurrent=True), "_loop")) == 3


def test_paths_to_cost_are_all_ways_through_later_layers(digits_net):
    paths = plots.paths_to_cost(digits_net, 2, 1)
    assert paths == [[(2, 1), (3, 1, 1), (3, 1), "C"], [(2, 1), (3, 2, 1), (3, 2), "C"]]
    assert len(plots.paths_to_cost([5, 4, 3, 2], 1, 5)) == 4 * 3 * 2
    assert plots.paths_to_cost([5, 4, 3], 3, 2) == [[(3, 2), "C"]]


def test_highlight_leaves_only_the_paths_bright(digits_net):
    figure = plots.network(digits_net, cost=True, highlight=plots.paths_to_cost(digits_net, 2, 1))
    bright = {line.get_label() for line in artists(figure, "_edge") if line.get_alpha() > 0.3}
    assert bright == {"_edge w^3_{11}", "_edge w^3_{21}", "_edge C"}
    assert (
        "Highlighted: unit 1 of layer 2, unit 1 of layer 3, unit 2 of layer 3, w^3_11, w^3_21 and the cost"
        in figure.alt
    )
    one = plots.network(digits_net, cost=True, highlight=plots.paths_to_cost(digits_net, 2, 1)[1])
    assert sum(line.get_alpha() == 1 for line in artists(one, "_edge C")) == 1


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"net": 5}, TypeError, "net must be a Network or a list of layer sizes; it is 5"),
        ({"net": [3]}, ValueError, "net must have at least two layers; it has 1"),
        ({"net": [3, 0]}, ValueError, r"net\[1\] must be at least 1; it is 0"),
        ({"net": [3, 2.5]}, TypeError, r"net\[1\] must be a whole number"),
        ({"edges": "all"}, ValueError, "edges must be"),
        ({"edges": "values"}, ValueError, "edges='values' needs a Network"),
        ({"quantity": "speed"}, ValueError, "quantity must be one of"),
        ({"values": [1.0, 2.0]}, TypeError, "values must hold one array by layer number"),
        ({"values": {2: [1.0, 2.0]}}, ValueError, r"values\[2\] must be one sample, shape \(4,\); it has shape \(2,\)"),
        ({"values": {2: np.ones((4, 1))}}, ValueError, r"values\[2\] must be one sample, shape \(4,\)"),
        ({"values": {9: [1.0]}}, ValueError, r"values must have layer numbers from 1 to"),
        ({"values": {3: [np.nan, 0.0]}}, ValueError, r"values\[3\]\[0\] is nan"),
        ({"highlight": [(2, 5)]}, ValueError, "the unit must exist; it is unit 5 of layer 2"),
        ({"highlight": [(1, 1, 1)]}, ValueError, "highlight must name weights of layers 2 and up"),
        ({"highlight": [(3, 1, 5)]}, ValueError, "the unit must exist; it is unit 5 of layer 2"),
        ({"highlight": ["D"]}, ValueError, "it holds 'D'"),
        ({"max_units": 3}, ValueError, "max_units must be at least 4"),
    ],
)
def test_network_refuses(change, error, message):
    arguments = {"net": [3, 4, 2]} | change
    with pytest.raises(error, match=f"^(network: )?.*{message}"):
        plots.network(arguments.pop("net"), **arguments)


# --- one iteration --------------------------------------------------------------------------------


def test_worked_iteration_prints_exact_fractions(worked):
    net, x, t = worked
    figure = plots.backprop_step(net, x, t, fractions=True)
    shown = texts(figure)
    for number in (
        "ln 3",
        "−ln 3",
        "1/2 ln 3",
        "ln 3 − 1/2",
        "3/16",
        "3/4",
        "3/512",
        "−1/256",
        "9/512",
        "−3/64",
        "1/8",
    ):
        assert number in shown, number
    assert "$C$ = 5/32" in shown
    assert "z^2_1 ln 3 with δ 3/512" in figure.alt
    assert "Cost C = 5/32" in figure.alt


@pytest.mark.parametrize("sizes", [[1, 3, 2], [12, 3, 2], [2, 3, 4, 2]])
@pytest.mark.parametrize("last", ["sigmoid", "softmax"])
def test_every_number_of_one_iteration_is_drawn(sizes, last):
    rng = np.random.default_rng(11)
    net = nn.Network(sizes, activation=["tanh"] * (len(sizes) - 2) + [last], rng=rng)
    x, t = rng.normal(size=sizes[0]), np.array([0.3, 0.7])
    cost = nn.SquaredError()
    trace, grads = net.forward(x[None]), nn.backprop(net, x[None], t[None], cost)
    figure = plots.backprop_step(net, x, t, cost, decimals=5)
    shown = texts(figure)
    expected = [*x, *t, grads.cost]
    for l in net.W:
        expected += [*net.W[l].ravel(), *grads.W[l].ravel(), *net.b[l], *grads.b[l]]
        expected += [*trace.z[l][0], *trace.a[l][0], *grads.delta[l][0]]
    for l in range(2, len(sizes)):
        expected += list(grads.delta[l + 1][0] @ net.W[l + 1])
    expected += list(trace.output[0] - t)
    assert len(expected) > 2 * net.parameter_count
    for value in expected:
        printed = f"{value:.5f}".replace("-", "−")
        assert printed in shown or f"$C$ = {printed}" in shown or value == 0, printed
    assert len(artists(figure, "_edge w")) == sum(net.W[l].size for l in net.W)


def test_iteration_colours_each_quantity_its_own(worked):
    net, x, t = worked
    figure = plots.backprop_step(net, x, t)
    colour = {text.get_text(): text.get_color() for text in figure.findobj(matplotlib.text.Text)}
    assert same_colour(colour["$w^3_{23}$"], plots.COLOURS["weight"])
    assert same_colour(colour["$a^3_{2}$"], plots.COLOURS["activation"])
    assert same_colour(colour["$\\partial C/\\partial$"], plots.COLOURS["delta"])


def test_each_number_stands_in_the_row_of_its_quantity_and_each_wire_ends_there():
    rng = np.random.default_rng(4)
    net = nn.Network([2, 3, 4, 2], rng=rng)
    x, t, cost = rng.normal(size=2), rng.random(2), nn.SquaredError()
    trace, grads = net.forward(x[None]), nn.backprop(net, x[None], t[None], cost)
    figure = plots.backprop_step(net, x, t, cost, decimals=6)
    placed = [(text.get_position(), text.get_text()) for text in figure.findobj(matplotlib.text.Text)]
    at = {text: position for position, text in placed}

    def row(name):
        x0, y0 = at[name]
        return [text for (x, y), text in sorted(placed) if y == y0 and x > x0][:2]

    def printed(*numbers):
        return [f"{number:.6f}".replace("-", "−") for number in numbers]

    wires = {wire.get_label(): wire.get_path().vertices for wire in artists(figure, "_edge w")}
    for l in net.W:
        for j in range(net.sizes[l]):
            assert row(f"$b^{l}_{{{j + 1}}}$") == printed(net.b[l][j], grads.b[l][j])
            assert row(f"$z^{l}_{{{j + 1}}}$") == printed(trace.z[l][0, j], grads.delta[l][0, j])
            assert row(f"$a^{l}_{{{j + 1}}}$")[0] == printed(trace.a[l][0, j])[0]
            for i in range(net.sizes[l - 1]):
                name = f"w^{l}_{{{j + 1}{i + 1}}}"
                assert row(f"${name}$") == printed(net.W[l][j, i], grads.W[l][j, i])
                wire = wires[f"_edge {name}"]
                # the heights of the row that the wire leaves, and of the row it enters
                assert wire[0][1] == pytest.approx(at[f"$a^{l - 1}_{{{i + 1}}}$"][1], abs=0.06)
                assert wire[-1][1] == pytest.approx(at[f"${name}$"][1], abs=0.06)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": [1.0, 2.0]}, ValueError, r"x must be one sample, shape \(1,\); it has shape \(2,\)"),
        ({"t": [1.0]}, ValueError, r"t must be one sample, shape \(2,\); it has shape \(1,\)"),
        ({"t": np.ones((2, 2))}, ValueError, r"t must be one sample"),
        ({"x": [np.inf]}, ValueError, r"x\[0\] is inf"),
        ({"x": ["a"]}, TypeError, "x must hold"),
        ({"x": [1j]}, TypeError, "x must hold real numbers"),
        ({"net": [1, 3, 2]}, TypeError, "net must be a Network; it is list"),
        ({"decimals": -1}, ValueError, "decimals must be at least 0"),
    ],
)
def test_iteration_refuses(worked, change, error, message):
    net, x, t = worked
    arguments = {"net": net, "x": x, "t": t} | change
    with pytest.raises(error, match="backprop_step: " + message):
        plots.backprop_step(**arguments)


def test_iteration_refuses_a_network_too_large_to_print():
    net = nn.Network([20, 5, 3], rng=0)
    with pytest.raises(ValueError, match="at most 100 parameters; it has 123"):
        plots.backprop_step(net, np.ones(20), np.ones(3))


def test_drawing_changes_neither_network_nor_sample(worked):
    net, x, t = worked
    before = net.parameters.copy(), x.copy(), t.copy()
    plots.backprop_step(net, x, t)
    plots.network(net, bias=True)
    assert all(np.array_equal(a, b) for a, b in zip(before, (net.parameters, x, t)))


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0, "0"), (-0.0, "0"), (0.75, "3/4"), (-3 / 512, "−3/512"), (2.0, "2"), (LN3, "ln 3"), (-2 * LN3, "−2 ln 3"),
        (LN3 / 2, "1/2 ln 3"), (LN3 - 0.5, "ln 3 − 1/2"), (0.25 - LN3, "−ln 3 + 1/4"), (np.pi, "3.142"),
        (-1e-5, "0.000"), (123456.789, "1.2e+05"), (1.5e12, "1500000000000"),
    ],
)  # fmt: skip
def test_numbers_are_printed_exactly_where_they_can_be(value, printed):
    from nnbook.plots._text import figure_text

    assert figure_text(value, 3, fractions=True) == printed


def test_decimal_numbers_have_a_true_minus_and_no_minus_zero():
    from nnbook.plots._text import figure_text

    assert figure_text(-0.0004, 3) == "0.000"
    assert figure_text(-0.125, 3) == "−0.125"
    assert figure_text(2.5e9, 3) == "2.5e+09"


# --- maps -----------------------------------------------------------------------------------------


def test_eight_steps_marks_where_the_reader_is():
    plain, here = plots.eight_steps(), plots.eight_steps([4, 5])
    assert len(artists(plain, "_step")) == len(plots.STEPS) == 8
    assert "you are here" not in texts(plain)
    assert texts(here).count("you are here") == 2
    filled = [box.get_label() for box in artists(here, "_step") if box.get_facecolor()[3] > 0]
    assert filled == ["_step 4", "_step 5"]
    assert "You are here: steps 4 and 5" in here.alt
    assert "You are here: step 7." in plots.eight_steps(7).alt


@pytest.mark.parametrize("step", [0, 9, [3, 12]])
def test_eight_steps_refuses_other_steps(step):
    with pytest.raises(ValueError, match="eight_steps: current must be"):
        plots.eight_steps(step)


def test_eight_steps_refuses_words():
    with pytest.raises(TypeError, match="eight_steps: current must be a whole number"):
        plots.eight_steps("forward")


def test_computation_graph_shows_nodes_edges_and_numbers():
    nodes, edges = plots.GRAPHS["two paths"]
    figure = plots.computation_graph(
        nodes, edges, values={"C": 5 / 32}, gradients={"z": 3 / 512}, highlight=[("a", "z2")], fractions=True
    )
    assert len(artists(figure, "_node")) == len(nodes) == 7
    arrows = {arrow.get_label(): arrow for arrow in artists(figure, "_edge")}
    assert set(arrows) == {f"_edge {a} {b}" for a, b in edges}
    bright = [label for label, arrow in arrows.items() if same_colour(arrow.get_edgecolor(), plots.COLOURS["delta"])]
    assert bright == ["_edge a z2"]
    assert {"5/32", "3/512", "$z^2_1$"} <= set(texts(figure))
    assert "C = 5/32" in figure.alt
    assert "by z^2_1 3/512" in figure.alt
    assert "Highlighted: a^2_1 to z^3_2" in figure.alt


def test_local_derivatives_stand_beside_their_edges():
    nodes, edges = plots.GRAPHS["two paths"]
    factors = {edge: -number / 64 for number, edge in enumerate(edges, start=1)}
    figure = plots.computation_graph(nodes, edges, factors=factors, fractions=True)
    written = {text.get_text(): text.get_window_extent() for text in figure.findobj(matplotlib.text.Text)}
    assert {"−1/64", "−1/32", "−3/64", "−1/16", "−5/64", "−3/32", "−7/64"} <= set(written)
    assert "a^2_1 by z^2_1 −1/64" in figure.alt
    for box in artists(figure, "_node"):
        assert not any(box.get_window_extent().overlaps(written[text]) for text in written if text.startswith("−"))


@pytest.mark.parametrize("name", list(plots.GRAPHS))
def test_graph_runs_left_to_right_and_nodes_do_not_overlap(name):
    nodes, edges = plots.GRAPHS[name]
    figure = plots.computation_graph(nodes, edges)
    boxes = {box.get_label()[len("_node ") :]: box.get_window_extent() for box in artists(figure, "_node")}
    for start, end in edges:
        assert boxes[start].x1 < boxes[end].x0
    names = list(boxes)
    for position, one in enumerate(names):
        for other in names[position + 1 :]:
            assert not boxes[one].overlaps(boxes[other]), (one, other)


@pytest.mark.parametrize("edges", [[("x", "u"), ("w", "u"), ("u", "y")], [("x", "w"), ("w", "u"), ("u", "y")]])
def test_an_edge_that_skips_columns_passes_over_the_boxes(edges):
    nodes = dict.fromkeys("xwuy", "activation")
    figure = plots.computation_graph(nodes, [*edges, ("x", "y", "1")])
    boxes = {box.get_label()[len("_node ") :]: box.get_window_extent() for box in artists(figure, "_node")}
    (arrow,) = artists(figure, "_edge x y")
    curve = arrow.get_path().transformed(arrow.get_transform()).cleaned(curves=False).vertices[:-1]
    for name in {"u", "w"} & {end for _start, end in edges}:
        over = curve[(curve[:, 0] > boxes[name].x0) & (curve[:, 0] < boxes[name].x1)]
        assert len(over)
        assert (over[:, 1] > boxes[name].y1).all(), name
    assert curve[:, 1].max() < figure.bbox.y1


@pytest.mark.parametrize("sizes", [[2, 3, 1], [1, 3, 2], [3, 2, 1], [2, 2, 2]])
def test_names_on_the_edges_do_not_lie_on_each_other(sizes):
    figure = plots.network(nn.Network(sizes, rng=0), edges="names")
    middles = [t.get_window_extent() for t in figure.findobj(matplotlib.text.Text) if t.get_text().startswith("$w")]
    middles = [((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in middles]
    gaps = [np.hypot(a[0] - b[0], a[1] - b[1]) for i, a in enumerate(middles) for b in middles[:i]]
    assert min(gaps) > 0.2 * figure.dpi


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"nodes": {}}, TypeError, "nodes must map names to kinds"),
        ({"nodes": {"x": "speed", "y": "cost"}}, ValueError, "the kind of node 'x'"),
        ({"edges": [("x", "q")]}, ValueError, "edges must name nodes, which are x and y; one name is 'q'"),
        ({"edges": [("x",)]}, ValueError, "an edge must be"),
        ({"edges": [("x", "y"), ("y", "x")]}, ValueError, "edges form a cycle"),
        ({"values": {"q": 1}}, ValueError, "values must name nodes.*'q'"),
        ({"gradients": {"q": 1}}, ValueError, "gradients must name nodes.*'q'"),
        ({"values": {"x": np.nan}}, ValueError, r"values\['x'\] must be a finite number"),
        ({"highlight": [("y", "x")]}, ValueError, "highlight must name edges; .* is not an edge"),
        ({"factors": {("y", "x"): 1}}, ValueError, "factors must name edges; .* is not an edge"),
        ({"factors": {("x", "y"): np.inf}}, ValueError, r"factors\[.*must be a finite number"),
    ],
)
def test_computation_graph_refuses(change, error, message):
    arguments = {"nodes": {"x": "activation", "y": "cost"}, "edges": [("x", "y")]} | change
    with pytest.raises(error, match="computation_graph: .*" + message):
        plots.computation_graph(**arguments)


# --- charts ---------------------------------------------------------------------------------------


def test_cost_curve_draws_what_the_history_holds():
    history = SimpleNamespace(
        cost=[3.0, 2.0, 1.5], validation_cost=[3.5, 2.5, 2.25], accuracy=[0.5, 0.6, 0.75], validation_accuracy=[]
    )
    figure = plots.cost_curve(history)
    above, below = figure.axes
    assert [list(line.get_ydata()) for line in above.lines] == [history.cost, history.validation_cost]
    assert list(above.lines[0].get_xdata()) == [1, 2, 3]
    assert all(same_colour(line.get_color(), plots.COLOURS["cost"]) for line in above.lines)
    assert [line.is_dashed() for line in above.lines] == [False, True]
    assert [list(line.get_ydata()) for line in below.lines] == [history.accuracy]
    assert "cost goes from 3 to 1.5 in 3 epochs" in figure.alt
    assert "validation cost goes from 3.5 to 2.25" in figure.alt
    assert "accuracy goes from 0.5 to 0.75" in figure.alt


def test_cost_curve_takes_the_history_of_fit():
    if not hasattr(nn, "fit"):
        pytest.skip("fit does not exist yet")
    X, labels = nn.datasets.digits_4x3()
    net = nn.Network([12, 3, 2], rng=1)
    T = nn.one_hot(labels, 2)
    history = nn.fit(net, X, T, nn.SquaredError(), optimizer=nn.SGD(learning_rate=0.5), epochs=3, batch_size=16, rng=1)
    assert list(plots.cost_curve(history).axes[0].lines[0].get_ydata()) == list(history.cost)


def test_cost_curve_compares_trainings_by_name():
    figure = plots.cost_curve({"SGD": [3.0, 2.0], "Adam": {"cost": [3.0, 1.0]}}, log=True)
    lines = figure.axes[0].lines
    assert [line.get_label() for line in lines] == ["SGD", "Adam"]
    assert lines[0].get_linestyle() != lines[1].get_linestyle()
    assert figure.axes[0].get_yscale() == "log"
    assert "Adam, cost goes from 3 to 1" in figure.alt


@pytest.mark.parametrize(
    ("history", "log", "error", "message"),
    [
        ([], False, ValueError, "cost must be a list of at least 1 number"),
        ([1.0, np.nan], False, ValueError, r"cost\[1\] is nan"),
        ([[1.0, 2.0]], False, ValueError, r"its shape is \(1, 2\)"),
        ({"cost": []}, False, ValueError, "has no cost: no epoch was run"),
        ([1.0, 0.0], True, ValueError, "log=True needs positive costs; the least is 0.0"),
        ("abc", False, TypeError, "cost must hold"),
    ],
)
def test_cost_curve_refuses(history, log, error, message):
    with pytest.raises(error, match="cost_curve: .*" + message):
        plots.cost_curve(history, log=log)


def test_lines_draw_each_curve_once_with_its_own_look():
    figure = plots.lines({"a": [1.0, 2.0], "b": ([5.0, 6.0, 7.0], [3.0, 4.0, 1.0])}, log="y", markers=True)
    one, two = figure.axes[0].lines
    assert list(one.get_xdata()) == [0, 1]
    assert list(two.get_xdata()) == [5, 6, 7]
    assert (one.get_color(), one.get_linestyle(), one.get_marker()) != (
        two.get_color(),
        two.get_linestyle(),
        two.get_marker(),
    )
    assert "b goes from 3 to 1 (least 1, greatest 4)" in figure.alt


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"series": [1.0, 2.0], "x": [1.0]}, "so x needs 2; it has 1"),
        ({"series": [1.0, -2.0], "log": "y"}, "a logarithmic y axis needs positive numbers"),
        ({"series": {}}, "series must not be empty"),
        ({"series": [1.0], "log": "z"}, "log must be"),
        ({"series": [1.0], "quantity": "speed"}, "quantity must be one of"),
    ],
)
def test_lines_refuse(arguments, message):
    with pytest.raises(ValueError, match="lines: .*" + message):
        plots.lines(**arguments)


def test_curve_marks_the_steps_of_one_weight():
    figure = plots.curve(lambda w: (2 * w - 4) ** 2, (0, 4), steps=[1, 1.8, 1.96], xlabel="$w$", ylabel="$C(w)$")
    ax = figure.axes[0]
    drawn, later, first = ax.lines
    assert drawn.get_ydata()[100] == pytest.approx(0)
    assert same_colour(drawn.get_color(), plots.COLOURS["cost"])
    np.testing.assert_allclose(later.get_xydata(), [[1.8, 0.16], [1.96, 0.0064]], atol=1e-12)
    np.testing.assert_allclose(first.get_xydata(), [[1, 4]])
    assert len(artists(figure, "_step")) == 2
    assert "steps at 1, 1.8, 1.96 with values 4, 0.16, 0.0064" in figure.alt


def test_slope_of_a_square_is_twice_the_place():
    figure = plots.slope(lambda x: x * x, 3.0)
    tangent = figure.axes[0].lines[1]
    (x0, x1), (y0, y1) = tangent.get_data()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(6)
    assert "slope 6" in tangent.get_label()
    assert "value is 9 and its slope 6" in figure.alt


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plots.curve(3, (0, 1)), TypeError, "curve: func must be a function"),
        (lambda: plots.curve(np.sin, (1, 1)), ValueError, "curve: interval must run from a lower to a higher"),
        (lambda: plots.curve(np.sin, (0, 1), steps=[np.inf]), ValueError, r"curve: steps\[0\] is inf"),
        (lambda: plots.curve(lambda x: float("nan"), (0, 1)), ValueError, r"curve: func\(x\)\[0\] is nan"),
        (lambda: plots.slope(np.sin, np.nan), ValueError, "slope: x must be a finite number"),
        (lambda: plots.slope(np.sin, 0.0, width=0), ValueError, "slope: width must be a finite number greater than 0"),
    ],
)
def test_curve_and_slope_refuse(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_v_curve_draws_errors_and_theory():
    h = np.array([1e-4, 1e-8, 1e-6])
    figure = plots.v_curve(h, {"forward": [3.0, 1.0, 0.0]}, optimum={"forward": 2e-8})
    ax = figure.axes[0]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    curve, theory = ax.lines
    assert list(curve.get_xdata()) == [1e-8, 1e-6, 1e-4]
    drawn = curve.get_ydata()
    assert (drawn[0], drawn[2]) == (1.0, 3.0)
    assert drawn[1] == ax.get_ylim()[0] > 0
    assert list(theory.get_xdata()) == [2e-8, 2e-8]
    assert "least at h = 1e−06, where it is 0" in figure.alt
    assert "1 of them exactly 0, on the lower edge" in figure.alt
    assert "in theory at 2e−08" in figure.alt


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"h": [0.0, 1.0], "errors": [1.0, 1.0]}, "h must be positive; the least is 0.0"),
        ({"h": [0.1, 1.0], "errors": [1.0, -1.0]}, "errors must not be negative"),
        ({"h": [0.1, 1.0], "errors": [1.0]}, "needs one number for each of 2 steps; it has 1"),
        ({"h": [0.1, 1.0], "errors": {"a": [1.0, 1.0]}, "optimum": {"b": 0.1}}, "must name curves, .* is 'b'"),
        ({"h": [0.1, 1.0], "errors": [1.0, 1.0], "optimum": 0}, "optimum must be a finite number greater than 0"),
    ],
)
def test_v_curve_refuses(arguments, message):
    with pytest.raises(ValueError, match="v_curve: .*" + message):
        plots.v_curve(**arguments)


def test_delta_by_layer_draws_the_mean_size():
    figure = plots.delta_by_layer({"deep": {2: np.array([[0.1, -0.3]]), 3: 0.5}, "flat": {2: 1.0, 3: 1.0, 4: 1.0}})
    deep, flat = figure.axes[0].lines
    np.testing.assert_allclose(deep.get_xydata(), [[2, 0.2], [3, 0.5]])
    assert len(flat.get_xdata()) == 3
    assert figure.axes[0].get_yscale() == "log"
    assert "deep, from 0.2 in layer 2 to 0.5 in layer 3" in figure.alt


def test_delta_by_layer_takes_gradients(worked):
    net, x, t = worked
    delta = nn.backprop(net, x[None], t[None], nn.SquaredError()).delta
    (line,) = plots.delta_by_layer(delta).axes[0].lines
    np.testing.assert_allclose(line.get_ydata(), [(3 + 2 + 9) / 512 / 3, (3 / 64 + 1 / 8) / 2])
    assert same_colour(line.get_color(), plots.COLOURS["delta"])


def test_delta_by_layer_refuses_zero_and_lists():
    with pytest.raises(ValueError, match=r"delta_by_layer: delta\[2\] must not be 0 everywhere"):
        plots.delta_by_layer({2: np.zeros(3)})
    with pytest.raises(TypeError, match="delta_by_layer: deltas must map layers"):
        plots.delta_by_layer([0.1, 0.2])


def test_bars_carry_their_numbers():
    figure = plots.bars({"numerical": 8710240, "reverse": 89500}, log=True, quantity="delta")
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == [8710240, 89500]
    assert {"8,710,240", "89,500"} <= set(texts(figure))
    assert same_colour(figure.axes[0].patches[0].get_facecolor(), plots.COLOURS["delta"])
    assert "numerical 8,710,240; reverse 89,500" in figure.alt
    assert "−1.50" in texts(plots.bars({"below": -1.5}, decimals=2))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"values": {}}, TypeError, "values must map names to numbers"),
        ({"values": {"a": np.inf}}, ValueError, r"values\['a'\] must be a finite number"),
        ({"values": {"a": -1}, "log": True}, ValueError, "greater than 0; it is -1"),
        ({"values": {"a": 1}, "quantity": "speed"}, ValueError, "quantity must be one of"),
    ],
)
def test_bars_refuse(arguments, error, message):
    with pytest.raises(error, match="bars: .*" + message):
        plots.bars(**arguments)


# --- planes ---------------------------------------------------------------------------------------


def painted(figure):
    """The tones of each image of 4 × 3 pixels, read back from the shapes: 0 for paper to 1 for ink."""
    (paper,) = artists(figure, "_paper")
    images = []
    for frame in paper.get_path().vertices.reshape(-1, 5, 2):
        (left, low), (right, high) = frame.min(axis=0), frame.max(axis=0)
        tones = np.zeros((4, 3))
        for y, x in np.ndindex(4, 3):
            middle = np.array([left + (x + 0.5) * (right - left) / 3, high - (y + 0.5) * (high - low) / 4])
            for shape in artists(figure, "_pixels"):
                boxes = shape.get_path().vertices.reshape(-1, 5, 2)
                if ((boxes.min(axis=1) < middle) & (middle < boxes.max(axis=1))).all(axis=1).any():
                    tones[y, x] = 1 - mcolors.to_rgb(shape.get_facecolor())[0]
        images.append(tones)
    return np.array(images)


def test_images_paint_each_pixel_where_it_belongs():
    X = np.stack([np.arange(12) / 11, (np.arange(12) % 5 == 0).astype(float), np.arange(12)[::-1] / 22])
    figure = plots.images(X, (4, 3), labels=["0", "1", "2"], wrong=[False, True, False], columns=2)
    tones = painted(figure)
    assert len(tones) == 3
    assert np.corrcoef(tones.ravel(), X.ravel())[0, 1] > 0.995
    labels = {text.get_text(): text for text in figure.findobj(matplotlib.text.Text)}
    assert same_colour(labels["1 ✗"].get_color(), plots.COLOURS["delta"])
    assert not same_colour(labels["0"].get_color(), plots.COLOURS["delta"])
    assert labels["0"].get_position()[1] == labels["1 ✗"].get_position()[1] > labels["2"].get_position()[1]
    assert "3 images of 4 × 3 pixels, 2 a row" in figure.alt
    assert "Labels: 0, 1, 2" in figure.alt
    assert "Marked as wrong: 1" in figure.alt


def test_the_legend_says_which_number_a_tone_stands_for():
    figure = plots.images(np.linspace(-1, 3, 24).reshape(2, 12), (4, 3), legend=True)
    strip = sorted(artists(figure, "_scale"), key=lambda box: box.get_path().vertices[:, 0].min())
    tones = [mcolors.to_rgb(box.get_facecolor())[0] for box in strip]
    assert tones == sorted(tones, reverse=True)
    assert tones[0] > tones[-1]
    written = {text.get_text(): text for text in figure.findobj(matplotlib.text.Text)}
    left, right = strip[0].get_path().vertices[:, 0].min(), strip[-1].get_path().vertices[:, 0].max()
    assert written["−1"].get_position()[0] < left
    assert written["3"].get_position()[0] > right
    assert written["0"].get_position()[0] == pytest.approx(left + (right - left) / 4)
    assert "The lightest tone is -1, the darkest 3" in figure.alt.replace("−", "-")
    assert not artists(plots.images(np.ones((1, 12)), (4, 3)), "_scale")


def test_images_of_one_tone_are_paper():
    assert painted(plots.images(np.full((1, 12), 7.0), (4, 3))).max() == 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"X": np.ones((2, 13))}, ValueError, r"X must have shape \(images, 12\).*it has shape \(2, 13\)"),
        ({"X": np.ones((0, 12))}, ValueError, "1 to 400 images"),
        ({"X": np.ones((2, 4, 3))}, ValueError, r"it has shape \(2, 4, 3\)"),
        ({"X": np.full((1, 12), np.nan)}, ValueError, r"X\[0, 0\] is nan"),
        ({"shape": 12}, TypeError, r"shape must be \(height, width\); it is 12"),
        ({"labels": [1]}, ValueError, "labels must have one entry for each of 2 images; it has 1"),
        ({"wrong": [True] * 3}, ValueError, "wrong must have one entry"),
    ],
)
def test_images_refuse(arguments, error, message):
    with pytest.raises(error, match="images: .*" + message):
        plots.images(**({"X": np.ones((2, 12)), "shape": (4, 3)} | arguments))


def boundary_points(ax):
    """Corners of the drawn boundary lines (contours without a filling)."""
    sets = [c for c in ax.collections if isinstance(c, matplotlib.contour.QuadContourSet) and not c.filled]
    return np.concatenate([path.vertices for c in sets for path in c.get_paths()])


def test_decision_boundary_lies_where_the_model_is_undecided():
    X, labels = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.5]]), np.array([0, 1, 1])
    figure = plots.decision_boundary(lambda Z: (Z[:, :1] + 2 * Z[:, 1:]) / 3, X, labels)
    ax = figure.axes[0]
    where = boundary_points(ax)
    np.testing.assert_allclose(where[:, 0] + 2 * where[:, 1], 1.5, atol=1e-9)
    drawn = {line.get_label(): line.get_xydata() for line in ax.lines}
    np.testing.assert_array_equal(drawn["class 1"], X[1:])
    markers = {line.get_marker() for line in ax.lines}
    assert len(markers) == 2
    assert "3 samples: 1 of class 0 and 2 of class 1; 3 of them lie on the side of their class" in figure.alt


def test_decision_boundary_of_several_outputs_is_where_two_lead_together():
    X = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
    figure = plots.decision_boundary(lambda Z: np.c_[Z, -Z.sum(axis=1)], X, [0, 1, 2])
    for x, y in boundary_points(figure.axes[0]):
        best = np.sort([x, y, -x - y])
        assert best[2] - best[1] < 0.1
    assert "3 of them lie on the side" in figure.alt


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"predict": 3}, TypeError, "predict must be a function"),
        ({"predict": lambda Z: np.ones(5)}, ValueError, "predict must return a row or number for each"),
        ({"predict": lambda Z: np.full(len(Z), np.nan)}, ValueError, r"predict\(X\)\[0\] is nan"),
        ({"X": np.ones((2, 3))}, ValueError, r"X must have shape \(samples, 2\); it has shape \(2, 3\)"),
        ({"labels": [0]}, ValueError, "labels must be 2 whole numbers from 0"),
        ({"labels": [0.5, 1.0]}, ValueError, "labels must be 2 whole numbers from 0"),
        ({"labels": [-1, 1]}, ValueError, "labels must be 2 whole numbers from 0"),
    ],
)
def test_decision_boundary_refuses(change, error, message):
    arguments = {"predict": lambda Z: Z[:, 0], "X": np.eye(2), "labels": [0, 1]} | change
    with pytest.raises(error, match=r"decision_boundary: .*" + message):
        plots.decision_boundary(**arguments)


def test_surface_draws_contours_of_the_function_and_paths():
    figure = plots.surface(
        lambda x, y: x**2 + y**2, (-4, 4), (-5, 5), levels=[4.0, 25.0], points=201,
        paths={"SGD": [[3.0, 4.0], [1.5, 2.0]], "Adam": [[3.0, 4.0], [2.0, 3.0], [1.0, 1.0]]},
    )  # fmt: skip
    ax = figure.axes[0]
    at = boundary_points(ax)
    radii = np.hypot(at[:, 0], at[:, 1])
    assert np.minimum(abs(radii - 2), abs(radii - 5)).max() < 0.01
    named = {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}
    np.testing.assert_array_equal(named["Adam"].get_xydata(), [[3, 4], [2, 3], [1, 1]])
    assert named["SGD"].get_linestyle() != named["Adam"].get_linestyle()
    assert "SGD goes from (3, 4) in 1 step to (1.5, 2), height 6.25" in figure.alt


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"func": 3}, TypeError, "func must be a function of two arrays"),
        ({"func": lambda x, y: x[0]}, ValueError, r"func must return the shape it was given, \(121, 121\)"),
        ({"func": lambda x, y: 0 * x}, ValueError, "func must not be constant: it is 0.0 everywhere"),
        ({"func": lambda x, y: np.full(x.shape, np.inf)}, ValueError, r"func\(x, y\)\[0, 0\] is inf"),
        ({"xlim": (1, 0)}, ValueError, "xlim must be"),
        ({"ylim": (1, 2, 3)}, ValueError, "ylim must be"),
        ({"paths": [[1.0, 2.0, 3.0]]}, ValueError, r"a path must have shape \(steps, 2\)"),
        ({"minimum": [1.0]}, ValueError, "minimum must be points"),
        ({"levels": 1}, ValueError, "levels must be at least 2"),
    ],
)
def test_surface_refuses(change, error, message):
    arguments = {"func": lambda x, y: x + y, "xlim": (0, 1), "ylim": (0, 2)} | change
    with pytest.raises(error, match="surface: .*" + message):
        plots.surface(**arguments)


def test_confusion_prints_every_count_at_true_row_and_said_column():
    counts = np.array([[30, 2, 0], [5, 41, 1], [0, 0, 9]])
    figure = plots.confusion(counts, classes=["a", "b", "c"])
    at = {t.get_position(): t.get_text() for t in figure.axes[0].texts}
    for true, said in np.ndindex(counts.shape):
        assert at[said + 0.5, true + 0.5] == (str(counts[true, said]) if counts[true, said] else "·")
    assert figure.axes[0].get_ylabel() == "true class"
    assert "80 of 88 samples on the diagonal" in figure.alt
    assert "most frequent mistake: b read as a, 5 times" in figure.alt


@pytest.mark.parametrize(
    ("matrix", "classes", "error", "message"),
    [
        ([[1, 2, 3]], None, ValueError, r"matrix must be square.*\(1, 3\)"),
        ([[1.0, 2.0], [3.0, 4.0]], None, TypeError, "matrix must hold counts.*float64"),
        ([[1, -2], [3, 4]], None, TypeError, "matrix must hold counts"),
        ([[1, 2], [3, 4]], ["a"], ValueError, "classes must name 2 classes; it names 1"),
    ],
)
def test_confusion_refuses(matrix, classes, error, message):
    with pytest.raises(error, match="confusion: .*" + message):
        plots.confusion(matrix, classes=classes)


def test_description_survives_as_notebook_metadata():
    figure = plots.eight_steps(4)
    assert json.loads(json.dumps({"mystnb": {"image": {"alt": plots.describe(figure)}}}))


def test_figures_have_the_letters_of_the_page_and_its_formulas_face():
    from matplotlib import font_manager

    from nnbook.plots import _style

    for weight, file in (("normal", "BookSans-Regular.ttf"), ("bold", "BookSans-Bold.ttf")):
        with matplotlib.rc_context(_style.book_rc()):
            found = font_manager.findfont(font_manager.FontProperties(weight=weight), fallback_to_default=False)
        assert found == str(_style.FONTS / file)
    assert (_style.FONTS / "LICENSE").read_text(encoding="utf-8").startswith("Copyright 2010-2020 Adobe")


@pytest.mark.parametrize(
    ("sizes", "bias"), [([3, 2, 1], False), ([2, 2, 1], True), ([2, 3, 1], False), ([3, 3], False)]
)
def test_labels_on_the_lines_of_a_network_stand_clear_of_each_other(sizes, bias):
    figure = plots.network(sizes, edges="names", bias=bias)
    labels = [np.array(t.get_position()) for t in figure.axes[0].texts if t.get_text().startswith(("$w", "$b"))]
    assert len(labels) == sum(b * (a + bias) for a, b in itertools.pairwise(sizes))
    assert min(np.hypot(*(a - b)) for a, b in itertools.combinations(labels, 2)) > 0.33  # inches, of 0.3 a label


@pytest.mark.parametrize("sizes", [[2, 3, 1], [1, 3, 2]])
def test_no_line_of_a_network_runs_through_the_label_of_another(sizes):
    from nnbook.plots._network_layout import label_places, lay_out, lines_of

    layout = lay_out(sizes, 12, bias=False, cost=False, known=False, title=None)
    lines = lines_of(None, layout, known=False, bias=False, lit=None)
    for l in range(2, len(sizes) + 1):
        ends = [layout.ends(line) for line in lines if line.end[0] == l]
        for n, at in enumerate(label_places(ends)):
            label = (1 - at) * ends[n][0] + at * ends[n][1]
            for start, end in (other for k, other in enumerate(ends) if k != n):
                along = np.clip((label - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
                assert np.hypot(*(label - start - along * (end - start))) > 0.18  # inches, to a corner of a label


def test_labels_that_have_no_room_say_so_by_their_distance():
    from nnbook.plots._network_layout import label_places

    start, end = np.zeros(2), np.array([0.3, 0.0])
    places = label_places([(start, end), (start, end)])
    assert abs(places[0] - places[1]) * 0.3 < 0.33  # the test above would refuse these two
