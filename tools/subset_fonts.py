"""Subsets the fonts that the project ships: only the characters that the book uses are kept.

python tools/subset_fonts.py han NotoSerifSC_400Regular.ttf              Chinese, for the site and the PDF
python tools/subset_fonts.py plots SourceSans3_400Regular.ttf            letters of the figures
python tools/subset_fonts.py plots-bold SourceSans3_600SemiBold.ttf

The complete fonts and their licences come from npm: @expo-google-fonts/noto-serif-sc and
@expo-google-fonts/source-sans-3.
Run it again when a test says that a character is missing.
"""

import argparse
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
HAN = ROOT / "book" / "_static" / "fonts" / "noto-serif-sc-han-400.woff2"
PLOTS = ROOT / "nnbook" / "plots" / "fonts"
# Latin, Greek, and the signs used in labels; mathematics between dollars uses matplotlib's own fonts.
LABELS = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x391, 0x3CA)])).replace("\u03a2", "")
LABELS += "–—‘’“”…′→←↑↓−·×≤≥≠≈∂∑√∞✓"
FIRST_HAN = "\u2e80"  # East Asian scripts begin here


def han_characters(root=ROOT):
    """Return every East Asian character in the sources of the pages."""
    found = set()
    for path in sorted([*root.glob("book/*.md"), *root.glob("book/*.ipynb")]):
        found |= {sign for sign in path.read_text(encoding="utf-8") if FIRST_HAN <= sign <= "\uffef"}
    return "".join(sorted(found))


def characters_of(font):
    """Return the characters that a font file can draw."""
    with TTFont(font) as opened:
        return {chr(code) for code in opened.getBestCmap()}


def cut(source, target, characters, family=None):
    """Write the subset of the font `source` that draws `characters`; raise ValueError if one is missing.

    `family` renames it: the licence of Source Sans reserves the name "Source" for the unmodified font.
    """
    missing = set(characters) - characters_of(source)
    if missing:
        raise ValueError(f"{source} has no glyph for {''.join(sorted(missing))}")
    options = subset.Options(flavor="woff2" if target.suffix == ".woff2" else None, hinting=False, layout_features=[])
    font = subset.load_font(source, options)
    worker = subset.Subsetter(options)
    worker.populate(text=characters)
    worker.subset(font)
    if family:
        style = target.stem.partition("-")[2]
        font["OS/2"].usWeightClass = {"Regular": 400, "Bold": 700}[style]  # matplotlib asks for "bold", not "semi-bold"
        names = {1: family, 2: style, 3: f"{family} {style}", 4: f"{family} {style}", 6: f"{family}-{style}"}
        for number, name in names.items():
            font["name"].setName(name.replace(" ", "") if number == 6 else name, number, 3, 1, 0x409)
        for number in (16, 17, 21, 22):
            font["name"].removeNames(nameID=number)
    subset.save_font(font, target, options)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Subset a font for the project to ship.")
    parser.add_argument("which", choices=["han", "plots", "plots-bold"])
    parser.add_argument("source", type=Path)
    options = parser.parse_args(arguments)
    target, characters, family = {
        "han": (HAN, han_characters(), None),
        "plots": (PLOTS / "BookSans-Regular.ttf", LABELS, "Book Sans"),
        "plots-bold": (PLOTS / "BookSans-Bold.ttf", LABELS, "Book Sans"),
    }[options.which]
    target.parent.mkdir(exist_ok=True)
    cut(options.source, target, characters, family)
    print(f"{target}: {len(characters_of(target))} characters, {target.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
