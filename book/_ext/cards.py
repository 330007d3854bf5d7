"""Draws the picture that is shown for a page where a link to it is shared."""

import itertools
import textwrap

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
PAPER, INK, SOFT, ACCENT = "#fbfaf7", "#1b222c", "#5b6470", "#1f5aa8"
# The book's colours for activations, weights, deltas and the cost.
QUANTITIES = ("#2e86c1", "#16916b", "#d4572a", "#8e5bb5")


def draw(target, fonts, book, part, number, title):
    """Write a PNG of 1200 by 630 pixels: the part, the chapter's number and title, and the book's name."""
    image = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(image)
    serif = ImageFont.truetype(str(fonts / "source-serif-4-latin-600-normal.woff2"), 84)
    sans = ImageFont.truetype(str(fonts / "source-sans-3-latin-wght-normal.woff2"), 34)
    sans.set_variation_by_axes([600])
    for row, colour in enumerate(QUANTITIES):
        pen.rectangle((0, row * SIZE[1] / 4, 18, (row + 1) * SIZE[1] / 4), fill=colour)
    line = " — ".join([part] * bool(part) + [f"Chapter {number}"] * (number is not None))
    pen.text((96, 96), line, font=sans, fill=ACCENT)
    pen.multiline_text((96, 170), "\n".join(textwrap.wrap(title, 24)[:3]), font=serif, fill=INK, spacing=14)
    if title != book:
        pen.text((96, 520), book, font=sans, fill=SOFT)
    # A network of 3, 2 and 1 units, drawn small in the corner.
    layers = [[(930, y) for y in (430, 495, 560)], [(1010, y) for y in (462, 528)], [(1090, 495)]]
    for left, right in itertools.pairwise(layers):
        for a in left:
            for b in right:
                pen.line((a, b), fill=QUANTITIES[1], width=3)
    for layer, colour in zip(layers, (QUANTITIES[0], QUANTITIES[2], QUANTITIES[3])):
        for x, y in layer:
            pen.ellipse((x - 15, y - 15, x + 15, y + 15), fill=PAPER, outline=colour, width=6)
    image.quantize(64).save(target, optimize=True)
