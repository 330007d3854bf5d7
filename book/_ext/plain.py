"""Writes formulas and titles in plain characters: for descriptions, menus and search."""

import re

from docutils import nodes

DESCRIPTION_LENGTH = 160

GREEK = dict(
    alpha="α", beta="β", gamma="γ", delta="δ", epsilon="ε", varepsilon="ε", eta="η", theta="θ", kappa="κ",
    lambda_="λ", mu="μ", pi="π", rho="ρ", sigma="σ", tau="τ", phi="φ", varphi="φ", omega="ω",
    Delta="Δ", Sigma="Σ", Omega="Ω",
)  # fmt: skip
WORDS = {name.rstrip("_"): sign for name, sign in GREEK.items()} | dict(
    partial="∂", nabla="∇", sum="Σ", prod="∏", odot="⊙", cdot="·", times="×", top="⊤", le="≤", leq="≤", ge="≥",
    geq="≥", ne="≠", neq="≠", approx="≈", to="→", ldots="…", dots="…", cdots="…", pm="±", infty="∞", ell="ℓ", quad=" ",
    qquad=" ", prime="′", in_="∈", ln="ln", log="log", exp="exp", max="max", min="min", tanh="tanh",
)  # fmt: skip
WORDS["in"] = WORDS.pop("in_")


def plain_math(latex):
    """A line of plain characters for a formula, for descriptions, menus and search: `\\delta^l_j` is `δ^l_j`."""
    text = re.sub(r"(?<!\\)%.*", "", latex)
    text = re.sub(r"\\(begin|end)\{\w+\}|\\(left|right|[bB]igg?[lr]?)\b|\\[,;:!> ]|\\\\|&", " ", text)
    text = re.sub(r"\\[tdc]?frac\{([^{}]*)\}\{([^{}]*)\}", r"\1/\2", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: WORDS.get(m.group(1), ""), text)
    text = text.replace("'", "′").replace("-", "−")
    return re.sub(r"\s+", " ", re.sub(r"[{}\\]", "", text)).strip()


def plain_text(node):
    """The text of a docutils node with its formulas in plain characters."""
    if isinstance(node, nodes.math):
        return plain_math(node.astext())
    if isinstance(node, nodes.Text):
        return node.astext()
    return "".join(plain_text(child) for child in node.children)


def shorten(text, length=DESCRIPTION_LENGTH):
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
