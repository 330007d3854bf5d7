"""Opens every page of the built site in headless Chromium, in two widths and two themes, and checks it.

python tools/site_test.py            build, check every page, then run the tests in tests/site
python tools/site_test.py --no-build [--site FOLDER] [--pages index.html,11-hidden-recursion.html]

Screenshots go to _build/screenshots. Each rule is shown to fail on a doctored page by tests/site/test_rules.py.
"""

import argparse
import importlib.resources
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import browser
from file_rules import Finding

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
SCREENSHOTS = ROOT / "_build" / "screenshots"

MODES = {
    "desktop light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "desktop dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone light": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light", "has_touch": True},
    "phone dark": {
        "viewport": {"width": 360, "height": 740},
        "color_scheme": "dark",
        "has_touch": True,
        "reduced_motion": "reduce",
    },
}
MOST_KB, MEDIAN_KB = 1000, 400
MOST_SHIFT = 0.02
SEARCHES = ("output delta", "δ")


# --- rules in the browser ---------------------------------------------------------------------------

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
# Structure does not depend on the theme, nor the theme's colours on the width: each is checked once.
ALL = {"runOnly": AXE_TAGS}
COLOURS = {"runOnly": {"type": "rule", "values": COLOUR_RULES}}
STRUCTURE = {"runOnly": AXE_TAGS, "rules": {rule: {"enabled": False} for rule in COLOUR_RULES}}
AXE = {"desktop light": ALL, "desktop dark": COLOURS, "phone light": STRUCTURE, "phone dark": COLOURS}
# A formula's glyphs are hidden from screen readers and have the colour of the surrounding text, which is checked.
AXE_CONTEXT = {"exclude": [[".katex-html"]]}

WATCH = """
window.layoutShift = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutShift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""

SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth, found = [];
  if (document.scrollingElement.scrollWidth > width + 1)
    found.push(`the page is ${document.scrollingElement.scrollWidth} px wide on a screen of ${width} px`);
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest(".katex-mathml, .hidden, .skip-link, svg *, .checked-words")) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || box.right <= width + 2 || box.left >= width) continue;
    let around = element.parentElement, style = "visible";
    for (; around && around !== document.body; around = around.parentElement) {
      style = getComputedStyle(around).overflowX;
      if (style !== "visible") break;
    }
    if (style === "auto" || style === "scroll") continue;
    const name = `${element.tagName.toLowerCase()} ${element.getAttribute("class") ?? ""}`.trim();
    found.push(`cut off at the right edge: <${name}> with ${element.textContent.trim().slice(0, 30)}`);
    if (found.length > 3) break;
  }
  return found;
}"""

FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return {text: (element.innerText || element.getAttribute("aria-label") || element.tagName).trim().slice(0, 40),
          visible: (outlined || style.boxShadow !== "none") && box.width > 0 && box.height > 0};
}"""

PRINT = """() => {
  const found = [];
  for (const element of document.querySelectorAll("nav, header, form, .copy, .headerlink")) {
    const box = element.getBoundingClientRect();
    const name = `${element.tagName.toLowerCase()} ${element.className}`;
    if (box.width > 2 && box.height > 2) found.push(`on paper: <${name}>`);
  }
  for (const element of document.querySelectorAll("pre, table")) {
    if (element.clientWidth && element.scrollWidth > element.clientWidth + 4 ||
        element.getBoundingClientRect().right > document.documentElement.clientWidth + 4)
      found.push(`cut off: ${element.textContent.trim().slice(0, 50)}`);
  }
  for (const fold of document.querySelectorAll("main details:not(.tools)")) {
    const inside = [...fold.children].find(child => child.tagName !== "SUMMARY");
    if (inside && !inside.checkVisibility({contentVisibilityAuto: true}) ) {
      found.push(`stays folded: ${fold.textContent.trim().slice(0, 50)}`);
      break;
    }
  }
  return found.slice(0, 4);
}"""

MOTION = """() => {
  const moving = document.getAnimations().filter(a => a.playState === "running").length;
  const smooth = getComputedStyle(document.documentElement).scrollBehavior === "smooth";
  return moving || smooth;
}"""

# The last link target on the page, and whether it is on the screen.
PLACES = """() => {
  const places = document.querySelectorAll("main h2[id], main section[id]");
  return places.length ? places[places.length - 1].id : null;
}"""
ARRIVED = """id => new Promise(done => requestAnimationFrame(() => {
  const top = document.getElementById(id).getBoundingClientRect().top;
  const end = document.documentElement.scrollHeight - innerHeight;
  done(top > -2 && top < innerHeight || Math.abs(scrollY - end) < 2);
}))"""
# The book's letters may arrive too late to be used; a page then keeps the system's, which are often wider.
WITHOUT_ITS_LETTERS = """() => {
  for (const sheet of document.styleSheets)
    for (let i = sheet.cssRules.length - 1; i >= 0; i--) {
      const rule = sheet.cssRules[i];
      if (rule instanceof CSSFontFaceRule && /^"?Book /.test(rule.style.fontFamily)) sheet.deleteRule(i);
    }
}"""
AS_LARGE_AS_BEFORE = "() => { document.documentElement.style.fontSize = ''; }"
TWICE_AS_LARGE = "() => { document.documentElement.style.fontSize = '200%'; }"

DARK = """() => {
  const light = colour => {
    const numbers = colour.match(/[\\d.]+/g).map(Number);
    return numbers[3] === 0 ? null : (0.2126 * numbers[0] + 0.7152 * numbers[1] + 0.0722 * numbers[2]) / 255;
  };
  return light(getComputedStyle(document.body).backgroundColor);
}"""


@dataclass
class Visit:
    """One page opened in one mode, and what was recorded meanwhile."""

    page: object
    requests: list = field(default_factory=list)
    complaints: list = field(default_factory=list)
    size: int = 0


def open_page(context, address):
    page = context.new_page()
    visit = Visit(page)
    page.on("console", lambda message: message.type == "error" and visit.complaints.append(message.text[:200]))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)[:200]))
    page.on("request", lambda request: visit.requests.append(request.url))
    client = context.new_cdp_session(page)
    client.send("Network.enable")

    def finished(event):
        visit.size += event["encodedDataLength"]

    client.on("Network.loadingFinished", finished)
    page.goto(address, wait_until="load")
    # Everything is laid out, or nothing was deferred.
    page.wait_for_function("!document.documentElement.matches('.lazy:not([data-laid-out])')")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => new Promise(done => setTimeout(() => done(true), 50)))")
    return visit


@cache
def axe_source():
    return (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def elsewhere(requests, base):
    return sorted({url for url in requests if not url.startswith((base, "data:", "blob:"))})


def check_page(chromium, base, name, modes=MODES, screenshots=None, site=None):
    """Return the findings and the size in bytes of one page; `base` is the address of the served site."""
    found, size = [], 0
    for mode in modes:
        context = chromium.new_context(**MODES[mode])
        context.add_init_script(WATCH)
        visit = open_page(context, base + name)
        if mode == "desktop light":
            shift = scrolled_shift(visit.page)
            if shift >= MOST_SHIFT:
                found.append(Finding("layout shift", name, f"{shift:.3f}", mode))
        found += [Finding(rule, name, text, mode) for rule, text in check_visit(visit, base, name, mode)]
        if screenshots:
            take_screenshot(visit.page, screenshots, name, mode)
        if mode == "desktop light":
            size, shown = visit.size, len(visit.page.inner_text("body"))
            found += [Finding(rule, name, text, mode) for rule, text in check_use(visit.page)]
            if size > MOST_KB * 1000:
                found.append(Finding("weight", name, f"{size / 1000:.0f} kB"))
            found += without_script(chromium, base, name, shown)
            found += deep_link(chromium, base, name)
            if site is not None and name != "404.html":  # which only a server can show
                found += from_file(chromium, Path(site) / name)
        if mode == "phone light":
            found += [Finding(rule, name, text, mode) for rule, text in check_width(visit.page)]
        context.close()
    return found, size


def check_visit(visit, base, name, mode):
    """Check what is checked in every mode."""
    page = visit.page
    for url in elsewhere(visit.requests, base):
        yield "other host", url
    for text in visit.complaints:
        if not (name == "404.html" and "404" in text):
            yield "console", text
    for text in page.evaluate(SIDEWAYS):
        yield "sideways", text
    brightness = page.evaluate(DARK)
    if brightness is None or (brightness < 0.5) != ("dark" in mode):
        yield "theme", f"the page does not follow the system's theme (brightness {brightness})"
    if "reduced_motion" in MODES[mode] and page.evaluate(MOTION):
        yield "motion", "something moves although the system asks for reduced motion"
    # The shadows at the edges of scroll boxes are gradients, which axe cannot judge.
    page.add_style_tag(content="* { background-image: none !important; }")
    page.evaluate(axe_source())
    for violation in page.evaluate("([c, o]) => axe.run(c, o).then(r => r.violations)", [AXE_CONTEXT, AXE[mode]]):
        for node in violation["nodes"][:3]:
            yield "axe", f"{violation['id']} ({violation['impact']}): {' '.join(map(str, node['target']))[:90]}"


def check_width(page):
    """Nothing scrolls sideways with large text, nor with the system's letters; this changes the page."""
    page.evaluate(TWICE_AS_LARGE)
    for text in page.evaluate(SIDEWAYS):
        yield "large text", text
    page.evaluate(WITHOUT_ITS_LETTERS)
    for text in page.evaluate(SIDEWAYS):
        yield "system letters", f"at 200 %: {text}"
    page.evaluate(AS_LARGE_AS_BEFORE)
    for text in page.evaluate(SIDEWAYS):
        yield "system letters", text


def check_use(page):
    """Check the keyboard and print; this changes the page, so it comes last."""
    for text in keyboard(page):
        yield "keyboard", text
    page.set_viewport_size({"width": 660, "height": 1000})
    page.emulate_media(media="print")
    for text in page.evaluate(PRINT):
        yield "print", text


def take_screenshot(page, folder, name, mode):
    folder.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.querySelectorAll('img').forEach(image => { image.loading = 'eager'; })")
    page.wait_for_load_state("networkidle")
    file = folder / f"{name.removesuffix('.html')}-{mode.replace(' ', '-')}.png"
    page.screenshot(path=file, full_page=mode in ("desktop light", "phone dark"))


def scrolled_shift(page):
    """Return the layout shift of the page, loaded and then scrolled from top to bottom."""
    height = page.evaluate("document.documentElement.scrollHeight")
    for top in range(0, height, 1600):
        page.evaluate("top => window.scrollTo({top, behavior: 'instant'})", top)
        page.wait_for_timeout(15)
    page.wait_for_timeout(60)
    page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
    return page.evaluate("window.layoutShift")


def keyboard(page, stops=60):
    """Check the first tab stops of the page for keyboard users."""
    page.evaluate("document.activeElement?.blur()")
    for stop in range(stops):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            return
        if stop == 0 and "skip" not in focus["text"].lower():
            yield f"the first tab stop is not the skip link but {focus['text']!r}"
        if not focus["visible"]:
            yield f"the focus cannot be seen on {focus['text']!r}"


def without_script(chromium, base, name, shown):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + name)
    text = len(page.inner_text("body"))
    context.close()
    if text < 0.8 * shown and name != "search.html":
        yield Finding("without script", name, f"{text} of {shown} characters are readable")


def deep_link(chromium, base, name):
    """Check that a link to an anchor far down the page shows it as soon as the page has loaded."""
    context = chromium.new_context(**MODES["desktop light"])
    page = context.new_page()
    page.goto(base + name, wait_until="load")
    place = page.evaluate(PLACES)
    if place:
        page.goto("about:blank")
        page.goto(f"{base}{name}#{place}", wait_until="load")
        if not page.evaluate(ARRIVED, place):
            yield Finding("deep link", name, f"#{place} is not on the screen when the page has loaded")
    context.close()


def from_file(chromium, path):
    """Yield the findings when the page is opened from disk."""
    context = chromium.new_context()
    visit = open_page(context, path.as_uri())
    context.close()
    for url in elsewhere(visit.requests, path.parent.as_uri()):
        yield Finding("other host", path.name, url, "from disk")
    for text in visit.complaints:
        yield Finding("console", path.name, text, "from disk")


FINDS_SOMETHING = """new Promise(done => {
    const look = () => {
        if (document.querySelector('#search-results li a')) done(true);
        else if (performance.now() > 5000) done(false);
        else setTimeout(look, 50);
    };
    look();
})"""


def check_search(chromium, base, words=SEARCHES):
    context = chromium.new_context()
    found = []
    for word in words:
        page = context.new_page()
        page.goto(base + "search.html?q=" + word)
        if not page.evaluate(FINDS_SOMETHING):
            found.append(Finding("search", "search.html", f"the search finds nothing for {word!r}"))
        page.close()
    context.close()
    return found


# --- the whole run ------------------------------------------------------------------------------------


def launch(playwright):
    return playwright.chromium.launch(executable_path=browser.find(), args=browser.FLAGS)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Check every page of the built site in a browser.")
    parser.add_argument("--no-build", action="store_true", help="check the site without building it")
    parser.add_argument("--site", type=Path, default=SITE)
    parser.add_argument("--pages", help="only these pages, separated by commas, and none of the tests in tests/site")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    if browser.find() is None:
        print(browser.MISSING, file=sys.stderr)
        return 2
    if (
        not options.no_build
        and subprocess.run([sys.executable, ROOT / "tools" / "run.py", "book"], check=False).returncode
    ):
        return 1
    if not (options.site / "index.html").exists():
        print(f"{options.site} contains no site: run make book.", file=sys.stderr)
        return 2
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    tests = ROOT / "tests" / "site"
    chosen = [tests / "test_built_pages.py", "-k", "page_keeps", "--pages", options.pages] if options.pages else [tests]
    command = [sys.executable, "-m", "pytest", "-q", "-n", options.jobs, "--site", options.site.resolve(), *chosen]
    status = subprocess.run(list(map(str, command)), check=False).returncode
    print(f"{len(MODES)} modes; screenshots in {SCREENSHOTS}")
    return status


if __name__ == "__main__":
    sys.exit(main())
