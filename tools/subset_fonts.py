"""Cuts the fonts that the project ships from complete ones: only the characters that the book uses are kept.

python tools/subset_fonts.py han NotoSerifSC_400Regular.ttf       writes book/_static/fonts/noto-serif-sc-han-400.woff2

The complete fonts and their licence come from npm: @expo-google-fonts/noto-serif-sc. It is run again when a test says
that a character is missing; it needs `pip install brotli`, which nothing else does.
"""

import argparse
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
HAN = ROOT / "book" / "_static" / "fonts" / "noto-serif-sc-han-400.woff2"
FIRST_HAN = "\u2e80"  # here the scripts of East Asia begin


def han_characters(root=ROOT):
    """Every East Asian character in the sources of the pages."""
    found = set()
    for path in sorted([*root.glob("book/*.md"), *root.glob("book/*.ipynb")]):
        found |= {sign for sign in path.read_text(encoding="utf-8") if FIRST_HAN <= sign <= "\uffef"}
    return "".join(sorted(found))


def characters_of(font):
    """The characters that a font file can draw."""
    with TTFont(font) as opened:
        return {chr(code) for code in opened.getBestCmap()}


def cut(source, target, characters):
    """Write the part of the font `source` that draws `characters`; raises ValueError if it lacks one."""
    missing = set(characters) - characters_of(source)
    if missing:
        raise ValueError(f"{source} does not draw {''.join(sorted(missing))}")
    options = subset.Options(flavor="woff2" if target.suffix == ".woff2" else None, hinting=False, layout_features=[])
    font = subset.load_font(source, options)
    worker = subset.Subsetter(options)
    worker.populate(text=characters)
    worker.subset(font)
    subset.save_font(font, target, options)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Cut a font that the project ships from a complete one.")
    parser.add_argument("which", choices=["han"])
    parser.add_argument("source", type=Path)
    options = parser.parse_args(arguments)
    cut(options.source, HAN, han_characters())
    print(f"{HAN}: {len(characters_of(HAN))} characters, {HAN.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
