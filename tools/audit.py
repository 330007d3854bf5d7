"""Reports Lighthouse's scores for three pages of the built site: medians of three runs, on a slow phone and a desktop.

It needs Node.js and npm (to fetch Lighthouse) and Chromium. Its scores vary by ten points under load, so no score makes
it fail; bytes, layout shift, requests, console messages and accessibility are checked by make site-test.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import browser
import editions

LIGHTHOUSE = "lighthouse@12.8.2"
FOLDER = editions.ROOT / "_build" / "audit"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
WANTED = {"phone": (95, 100, 100, 100), "desktop": (98, 100, 100, 100)}


def install():
    """The path of Lighthouse's command, fetched from the npm registry into _build/audit the first time."""
    command = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not command.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        environment = {**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"}
        arguments = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", LIGHTHOUSE]
        if subprocess.run(arguments, cwd=FOLDER, env=environment, check=False).returncode:
            sys.exit("Lighthouse could not be fetched: the npm registry cannot be reached.")
    return command


def measure(lighthouse, address, form):
    """The four scores of one run, and its layout shift."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        flags = " ".join(["--headless=new", *(f'"{flag}"' if " " in flag else flag for flag in browser.FLAGS)])
        command = ["node", lighthouse, address, "--quiet", "--output=json", f"--output-path={report}"]
        command += [f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={flags}"]
        if form == "desktop":
            command.append("--preset=desktop")
        environment = {**os.environ, "CHROME_PATH": browser.find()}
        subprocess.run(command, env=environment, check=True, timeout=300)
        result = json.loads(report.read_text(encoding="utf-8"))
    scores = [round(100 * result["categories"][name]["score"]) for name in CATEGORIES]
    return scores, result["audits"]["cumulative-layout-shift"]["numericValue"]


def three_pages(site):
    """The cover, the heaviest chapter and the one in the middle."""
    chapters = sorted(site.glob("[0-9][0-9]-*.html"), key=lambda path: path.stat().st_size)
    names = ["index.html"] + [chapters[len(chapters) // 2].name, chapters[-1].name] * bool(chapters)
    return list(dict.fromkeys(names))


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Report Lighthouse's scores of three pages.")
    parser.add_argument("--site", type=Path, default=editions.SITE)
    parser.add_argument("--pages", type=lambda text: text.split(","))
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    if not (options.site / "index.html").exists():
        sys.exit(editions.NO_SITE.format(options.site))
    if browser.find() is None:
        sys.exit(browser.MISSING)
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        sys.exit(f"Lighthouse needs {' and '.join(missing)}, not installed here; make site-test does not need it.")
    lighthouse = install()
    print(f"{'':32}{'performance':>13}{'accessibility':>15}{'best practices':>16}{'seo':>5}{'layout shift':>14}")
    with browser.serve(options.site) as base:
        for page in options.pages or three_pages(options.site):
            for form, wanted in WANTED.items():
                runs = [measure(lighthouse, base + page, form) for _run in range(options.runs)]
                scores = [round(statistics.median(values)) for values in zip(*(scores for scores, _shift in runs))]
                shift = statistics.median(shift for _scores, shift in runs)
                below = ["" if score >= least else " (below)" for score, least in zip(scores, wanted)]
                columns = [f"{score}{mark}" for score, mark in zip(scores, below)]
                print(
                    f"{page.removesuffix('.html')[:23]:24}{form:8}{columns[0]:>13}{columns[1]:>15}{columns[2]:>16}"
                    f"{columns[3]:>5}{shift:>14.3f}",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
