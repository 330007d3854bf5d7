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
    """Return a formula in plain characters, for descriptions, menus and search: `\\delta^l_j` is `δ^l_j`."""
    text = re.sub(r"(?<!\\)%.*", "", latex)
    text = re.sub(r"\\(begin|end)\{\w+\}|\\(left|right|[bB]igg?[lr]?)\b|\\[,;:!> ]|\\\\|&", " ", text)
    text = plain_fractions(text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: WORDS.get(m.group(1), ""), text)
    text = text.replace("'", "′").replace("-", "−")
    return re.sub(r"\s+", " ", re.sub(r"[{}\\]", "", text)).strip()


FRACTION = re.compile(r"\\[tdc]?frac(?![A-Za-z])\s*")


def plain_fractions(text):
    """Return `\\frac{a}{b}` as `a/b`, and `\\tfrac14` as `1/4`; a sum or a fraction in it gets parentheses."""
    match = FRACTION.search(text)
    if match is None:
        return text
    above, rest = argument(text[match.end() :])
    below, rest = argument(rest)
    parts = [plain_fractions(part).strip() for part in (above, below)]
    above, below = (f"({part})" if re.search(r"\S\s*[-+/]|/", part) else part for part in parts)
    return f"{text[: match.start()]}{above}/{below} {plain_fractions(rest)}"


def argument(text):
    """Return the next argument of a LaTeX command (a group in braces, a command or one character), and the rest."""
    text = text.lstrip()
    if not text.startswith("{"):
        taken = re.match(r"\\[A-Za-z]+|.?", text, re.DOTALL)[0]
        return taken, text[len(taken) :]
    depth = 0
    for position, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return text[1:position], text[position + 1 :]
    return text[1:], ""


def plain_text(node):
    """Return the text of a docutils node with its formulas in plain characters."""
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
