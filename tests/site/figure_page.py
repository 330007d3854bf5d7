"""A page of figures, and how to read the numbers on it."""

import browser

BROWSER = browser.find()
SIZES = {"desktop": (1280, 900), "phone": (360, 740)}


def document(body, theme="light"):
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Figures</title></head>'
        f'<body style="margin: 0 16px; font: 16px sans-serif"><main><h1>Figures</h1>{body}</main></body></html>'
    )


def number(text):
    exponents = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    text = text.strip().replace("−", "-")
    if "·10" in text:
        digits, power = text.split("·10")
        return float(digits) * 10.0 ** float(power.translate(exponents))
    return float(text)


def agrees(text, value):
    """Is the printed number this value, to its last digit?"""
    digits, _, power = text.strip().partition("·10")
    unit = 10.0 ** -len(digits.partition(".")[2]) * (number("1·10" + power) if power else 1)
    return abs(number(text) - value) <= 0.5000001 * unit
