"""What every figure stores: one self-contained piece of HTML, the same each time, with a picture that survives."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from urllib.parse import unquote

import numpy as np
import pytest

import nnbook as nn
from nnbook import interactive

X, LABELS = nn.datasets.digits_4x3(rng=0)
T = nn.one_hot(LABELS, 2)
NET = nn.Network([12, 3, 2], rng=0)

FIGURES = {
    "step_through": lambda label: interactive.step_through(NET, X[3], T[3], label=label),
    "nudge": lambda label: interactive.nudge(NET, X[3], T[3], label=label),
    "gradient_check": lambda label: interactive.gradient_check(NET, X[[3, 40, 50]], T[[3, 40, 50]], label=label),
    "one_weight": lambda label: interactive.one_weight(label=label),
    "one_neuron": lambda label: interactive.one_neuron(label=label),
    "descent": lambda label: interactive.descent(label=label),
    "optimiser_paths": lambda label: interactive.optimiser_paths(label=label),
    "vanishing": lambda label: interactive.vanishing(label=label),
}
every_figure = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES.keys())


class Elements(HTMLParser):
    """Collects the elements of a piece of HTML and refuses unbalanced ones."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def script_of(figure):
    (script,) = re.findall(r"<script>\n(.*?)\n</script>", figure.html, re.DOTALL)
    return script


def test_every_public_figure_is_tested_here():
    assert set(FIGURES) == set(interactive.__all__) - {"InteractiveFigure", "BrokenEquation", "equation"}


@every_figure
def test_same_arguments_same_bytes(make):
    assert make("a").html == make("a").html
    assert make("a").text == make("a").text


@every_figure
def test_script_is_small_and_stands_alone(make):
    figure = make("a-figure")
    script = script_of(figure)
    assert len(script.encode()) < 30_000
    outside = figure.html.replace("http://www.w3.org/2000/svg", "")
    for forbidden in ("http:", "https:", "//cdn", "fetch(", "XMLHttpRequest", "import ", 'src="/', "eval("):
        assert forbidden not in outside, forbidden
    assert "</script" not in script
    assert "<!--" not in script
    picture = re.search(r'<img src="(data:[^"]*)"', figure.html)[1]
    assert not re.search(r"\s", picture), "an address has no spaces"


@every_figure
def test_output_of_a_cell(make):
    figure = make("b")
    assert figure._repr_mimebundle_() == {"text/html": figure.html, "text/plain": figure.text}
    assert figure._repr_html_() == figure.html
    assert repr(figure) == figure.text
    assert figure.text.startswith("<interactive figure b: ")
    assert "\n" not in figure.text


@every_figure
def test_picture_remains_where_scripts_are_dropped(make):
    # What JupyterLab's sanitizer leaves of an untrusted output: no script, no svg, no aria attributes.
    rest = re.sub(r"<script>.*?</script>", "", make("c").html, flags=re.DOTALL)
    elements = Elements(rest).found
    assert {tag for tag, _ in elements} == {"div", "img", "p"}
    (image,) = [attributes for tag, attributes in elements if tag == "img"]
    assert len(image["alt"]) > 40
    assert int(image["width"]) <= 480
    assert int(image["height"]) <= 460
    head, svg = image["src"].split(",", 1)
    assert head == "data:image/svg+xml"
    assert not set('#%<>"') & set(re.sub("%[0-9A-F]{2}", "", svg))  # an unescaped # ends the address
    root = ET.fromstring(unquote(svg))
    assert root.tag.endswith("svg")
    assert len(list(root.iter())) > 10


@every_figure
def test_ids_come_from_the_label(make):
    ids = [attributes["id"] for _, attributes in Elements(make("my-own-2").html).found if "id" in attributes]
    assert ids == ["nnb-my-own-2"]


@every_figure
@pytest.mark.parametrize("label", ["", "Two", "a b", "a--b", "-a", "2a", 'x"><script>', "ä"])
def test_labels_that_are_no_ids_are_refused(make, label):
    with pytest.raises(ValueError, match=r"label must be lower-case letters, digits and single hyphens; it is"):
        make(label)


@every_figure
def test_a_label_is_a_string(make):
    with pytest.raises(TypeError, match="label must be a string; it is 3"):
        make(3)


@every_figure
def test_numbers_carry_at_most_twelve_digits(make):
    data = script_of(make("d")).split("const css")[0]
    for number in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", data):
        digits = re.sub(r"e.*", "", number).lstrip("-0.").replace(".", "")
        assert len(digits) <= 12, number


def test_arguments_stay_as_they_were():
    net, x, t = NET.copy(), X[3].copy(), T[3].copy()
    interactive.step_through(net, x, t, label="a")
    interactive.nudge(net, x, t, label="a")
    np.testing.assert_array_equal(net.parameters, NET.parameters)
    np.testing.assert_array_equal(x, X[3])
    np.testing.assert_array_equal(t, T[3])


SAMPLE_FIGURES = pytest.mark.parametrize("figure", [interactive.step_through, interactive.nudge])


@SAMPLE_FIGURES
def test_what_a_sample_figure_refuses(figure):
    with pytest.raises(TypeError, match="net must be a Network; it is str"):
        figure("net", X[0], T[0], label="a")
    with pytest.raises(ValueError, match=r"x must be one sample, shape \(12,\); it has shape \(1, 12\)"):
        figure(NET, X[:1], T[0], label="a")
    with pytest.raises(ValueError, match=r"t must be one sample, shape \(2,\); it has shape \(3,\)"):
        figure(NET, X[0], np.zeros(3), label="a")
    with pytest.raises(ValueError, match=r"x\[4\] is nan"):
        figure(NET, np.where(np.arange(12) == 4, np.nan, X[0]), T[0], label="a")
    with pytest.raises(ValueError, match="layer 3 has the activation softmax"):
        figure(nn.Network([12, 3, 2], ["sigmoid", "softmax"], rng=0), X[0], T[0], label="a")
    with pytest.raises(ValueError, match="at most 16 units per layer and 120 parameters"):
        figure(nn.Network([12, 17, 2], rng=0), X[0], T[0], label="a")
    with pytest.raises(TypeError, match="net must hold float64 numbers; it holds float32"):
        figure(NET.astype("float32"), X[0], T[0], label="a")


def test_nudge_keeps_its_picture_level():
    # Where nothing depends on the nudge the curve is flat; its frame must still have a height.
    net = nn.Network([2, 3, 1], initializer="zeros")
    assert "polyline" in unquote(interactive.nudge(net, [1.0, 2.0], [0.5], label="flat").html)


REFUSED = {
    "one_weight x": (lambda: interactive.one_weight(0, label="a"), ValueError, "x must not be 0"),
    "one_weight w": (lambda: interactive.one_weight(2, 4, 2.01, label="a"), ValueError, "w must differ from t/x"),
    "one_weight eta": (lambda: interactive.one_weight(eta=0.5, label="a"), ValueError, "eta must be .* at most 0.3"),
    "one_weight t": (lambda: interactive.one_weight(t="4", label="a"), TypeError, "t must be a number; it is '4'"),
    "one_neuron w": (lambda: interactive.one_neuron((1, 2, 3), label="a"), ValueError, "w must hold two weights"),
    "one_neuron w[1]": (lambda: interactive.one_neuron((1, 7), label="a"), ValueError, r"w\[1\] must be .* at most 6"),
    "one_neuron targets": (lambda: interactive.one_neuron(targets="NO", label="a"), ValueError, "AND, OR, XOR"),
    "descent surface": (lambda: interactive.descent("saddle", label="a"), ValueError, "must be one of bowl, valley"),
    "descent eta": (lambda: interactive.descent("valley", 0.3, label="a"), ValueError, "eta must be .* at most 0.25"),
    "descent notch": (lambda: interactive.descent(eta=0.012, label="a"), ValueError, "eta must be a multiple of 0.005"),
    "one_weight notch": (lambda: interactive.one_weight(eta=0.015, label="a"), ValueError, "a multiple of 0.01; it is"),
    "one_neuron notch": (
        lambda: interactive.one_neuron((1, 0.25), label="a"),
        ValueError,
        r"w\[1\] must be a multiple",
    ),
    "paths optimisers": (lambda: interactive.optimiser_paths(("SGD", "Adan"), label="a"), ValueError, "'Adan'"),
    "paths one": (lambda: interactive.optimiser_paths("SGD", label="a"), ValueError, "must be two of SGD"),
    "paths surface": (lambda: interactive.optimiser_paths(surface="hill", label="a"), ValueError, "it is 'hill'"),
    "vanishing depth": (lambda: interactive.vanishing(21, label="a"), ValueError, "depth must be at most 20; it is 21"),
    "vanishing kind": (lambda: interactive.vanishing(2.5, label="a"), TypeError, "depth must be a whole number"),
    "check samples": (
        lambda: interactive.gradient_check(NET, X[:9], T[:9], label="a"),
        ValueError,
        "at most 8 samples",
    ),
    "check rows": (lambda: interactive.gradient_check(NET, X[:3], T[:2], label="a"), ValueError, "T needs 3 rows"),
    "check one sample": (
        lambda: interactive.gradient_check(NET, X[0], T[0], label="a"),
        ValueError,
        "batch of one row",
    ),
    "check layers": (
        lambda: interactive.gradient_check(nn.Network([12, 2], rng=0), X[:3], T[:3], label="a"),
        ValueError,
        "net needs a hidden layer",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_other_figures_refuse(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_stated_number_of_right_points():
    for targets, right in (("AND", 4), ("OR", 2), ("XOR", 1)):
        assert f"{right} of 4 lie on the right side" in interactive.one_neuron(targets=targets, label="a").html


def test_too_large_a_figure_is_refused(monkeypatch):
    monkeypatch.setattr("nnbook.interactive._figure.LIMIT", 1_000)
    with pytest.raises(ValueError, match=r"one_weight: the figure needs .* bytes of script; 1,000 are allowed"):
        interactive.one_weight(label="a")


def test_importing_the_package_does_not_import_the_figures():
    code = "import sys, nnbook; sys.exit('nnbook.interactive' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
