"""Draw the static pictures shown where scripts do not run: plain SVG on white paper, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from ..core.network import Network

# Darker than the book's mid-tones, because the paper here is always white.
COLOUR = {"activation": "#1b6ca8", "weight": "#0e7150", "delta": "#b5400f", "cost": "#7a45a3", "ink": "#4a5260"}
LINE, SOFT = "#9aa3ae", "#eef1f4"


class Picture:
    """A growing list of SVG shapes on white paper."""

    def __init__(self, width: int, height: int):
        self.width, self.height = width, height
        self._shapes: list[str] = []

    def add(self, tag: str, text: str | None = None, **attributes: Any) -> None:
        """Add one shape; underscores in attribute names become hyphens."""
        written = "".join(f" {k.replace('_', '-')}='{_short(v)}'" for k, v in attributes.items())
        self._shapes.append(f"<{tag}{written}/>" if text is None else f"<{tag}{written}>{escape(text)}</{tag}>")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = "ink",
        anchor: str = "middle",
        size: float = 12,
        halo: bool = False,
    ) -> None:
        """Write `text` at (x, y), with `halo` on a white background that lines do not cross."""
        more = {"stroke": "#fff", "stroke_width": 4, "paint_order": "stroke"} if halo else {}
        self.add("text", text, x=x, y=y, fill=COLOUR[colour], text_anchor=anchor, font_size=size, **more)

    def svg(self) -> str:
        """Return the picture."""
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {self.width} {self.height}' "
            f"width='{self.width}' height='{self.height}' font-family='sans-serif'>"
            f"<rect width='{self.width}' height='{self.height}' rx='8' fill='#fff'/>{''.join(self._shapes)}</svg>"
        )


class Axes:
    """A frame in a picture, with values along both axes."""

    def __init__(
        self,
        picture: Picture,
        box: tuple[float, float, float, float],
        x: tuple[float, float],
        y: tuple[float, float],
        xlabel: str,
        ylabel: str,
        xticks: Iterable[float] = (),
        yticks: Iterable[float] = (),
    ):
        self.picture, self.x, self.y = picture, x, y
        self.left, self.top, self.right, self.bottom = box
        picture.add(
            "rect", x=self.left, y=self.top, width=self.right - self.left, height=self.bottom - self.top,
            fill=SOFT, stroke=LINE,
        )  # fmt: skip
        for value in xticks:
            picture.text(self.X(value), self.bottom + 16, f"{value:g}".replace("-", "−"))
        for value in yticks:
            picture.text(self.left - 6, self.Y(value) + 4, f"{value:g}".replace("-", "−"), anchor="end")
        picture.text((self.left + self.right) / 2, self.bottom + 32, xlabel)
        picture.text(self.left, self.top - 8, ylabel, anchor="start")

    def X(self, value: float) -> float:
        return self.left + (value - self.x[0]) / (self.x[1] - self.x[0]) * (self.right - self.left)

    def Y(self, value: float) -> float:
        return self.bottom - (value - self.y[0]) / (self.y[1] - self.y[0]) * (self.bottom - self.top)

    def curve(
        self, points: Iterable[tuple[float, float]], colour: str, *, width: float = 2, dash: str | None = "none"
    ) -> None:
        """Draw the points that lie inside the frame as one line."""
        inside = [(x, y) for x, y in points if self.y[0] <= y <= self.y[1] and self.x[0] <= x <= self.x[1]]
        written = " ".join(f"{self.X(x):.1f},{self.Y(y):.1f}" for x, y in inside)
        self.picture.add(
            "polyline", points=written, fill="none", stroke=COLOUR[colour], stroke_width=width, stroke_dasharray=dash
        )

    def dot(self, x: float, y: float, colour: str, r: float = 5) -> None:
        """Draw one point."""
        self.picture.add("circle", cx=self.X(x), cy=self.Y(y), r=r, fill=COLOUR[colour])


def network(net: Network, activations: Any, deltas: Any, cost: Any, lit: tuple[int, int] | None = None) -> Picture:
    """Draw a network with the numbers of one sample; `lit` is one (l, j) whose incoming edges are highlighted."""
    sizes = list(net.sizes.values())
    L, height = len(sizes), 40 + max(200, 23 * max(sizes), 70 * min(5, max(sizes[1:])))
    inside = L <= 3  # a unit is large enough to hold its delta, clear of the edges
    picture = Picture(460, height)

    def place(l, j):
        spacing = min(88, (height - 48) / sizes[l - 1])
        return 70 + (l - 1) * 260 / (L - 1), 36 + (height - 48) / 2 + (j - (sizes[l - 1] - 1) / 2) * spacing

    end = (424, place(L, 0)[1] / 2 + place(L, sizes[-1] - 1)[1] / 2)
    for l in range(2, L + 1):
        for j in range(sizes[l - 1]):
            on = lit == (l, j)
            for i in range(sizes[l - 2]):
                (x1, y1), (x2, y2) = place(l - 1, i), place(l, j)
                picture.add(
                    "line", x1=x1, y1=y1, x2=x2, y2=y2,
                    stroke=COLOUR["weight"] if on else LINE, stroke_width=2 if on else 0.8,
                )  # fmt: skip
    for j in range(sizes[-1]):
        x, y = place(L, j)
        picture.add("line", x1=x, y1=y, x2=end[0], y2=end[1], stroke=LINE)
    for l in range(1, L + 1):
        picture.text(place(l, 0)[0], 18, f"layer {l}")
        for j in range(sizes[l - 1]):
            x, y = place(l, j)
            small = l == 1 or sizes[l - 1] > 5
            r = 9 if small else 28 if inside else 20
            picture.add("circle", cx=x, cy=y, r=r, fill="#fff", stroke=COLOUR["ink"], stroke_width=1.3)
            value = minus(activations[l][j], 2)
            if small:
                picture.text(x, y + 4, str(j + 1), size=11)
                if l == 1:
                    picture.text(x - 14, y + 4, value, colour="activation", anchor="end", size=11)
            else:
                picture.text(x, y - 1 if inside else y + 4, value, colour="activation")
                below = y + 12 if inside else y + 34
                picture.text(x, below, f"δ {minus(deltas[l][j], 3)}", colour="delta", size=11, halo=not inside)
    picture.add("circle", cx=end[0], cy=end[1], r=15, fill="#fff", stroke=COLOUR["cost"], stroke_width=1.6)
    picture.text(end[0], end[1] + 4, "C", colour="cost")
    picture.text(end[0], end[1] + 30, minus(cost, 3), colour="cost", size=11)
    return picture


def minus(value: float, decimals: int) -> str:
    """Return a number as text with a true minus sign and no negative zero."""
    text = f"{float(value):.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def _short(value):
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else escape(str(value))


def plain(value: float) -> str:
    """Return a number with four significant digits and a true minus sign."""
    return f"{float(value):.4g}".replace("-", "−")
