"""Every term of the glossary has both Chinese forms, one sentence, and a link to where the book introduces it."""

import json
import re

import check_notebooks
import pytest
from small_chapter import ROOT

PAGE = ROOT / "book" / "glossary.md"
TOC = (ROOT / "_toc.yml").read_text(encoding="utf-8")
ENTRY = re.compile(
    r"(?P<term>\S[^\n]*)\n"
    r"  \[(?P<hans>[^\]]+)\]\{\.language-zh-Hans\} · \[(?P<hant>[^\]]+)\]\{\.language-zh-Hant\}\n\n"
    r"  (?P<text>[^\n]*\S) (?P<link>\[[^\]]+\]\([^)]+\)|\{doc\}`[^`]+`)"
)
HAN = re.compile(r"[\u4e00-\u9fff]")


def read(text):
    """The entries of the page's glossary, as dicts; an entry of any other form is an error."""
    body = re.search(r"(?s)```\{glossary\}\n(.*?)\n```", text)[1]
    entries = []
    for block in re.split(r"\n\n(?=\S)", body.strip()):
        match = ENTRY.fullmatch(block.strip())
        assert match, f"not an entry of the glossary:\n{block}"
        entries.append(match.groupdict())
    return entries


def headings(name):
    """The titles of a chapter's sections as they appear in its address: "## To, from" is "to-from"."""
    cells = json.loads((ROOT / "book" / name).read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    titles = re.findall(r"^#{1,3} (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def problems(entries):
    """What is wrong with the entries, one sentence each."""
    terms = [entry["term"] for entry in entries]
    found = [f"{term} occurs twice" for term in sorted({term for term in terms if terms.count(term) > 1})]
    if terms != sorted(terms, key=str.casefold):
        found.append("the terms are not in alphabetical order")
    for entry in entries:
        found += [f"{entry['term']}: {problem}" for problem in (*_chinese(entry), *_sentence(entry), *_link(entry))]
    return found


def _chinese(entry):
    # Each character set holds its own forms: 层 is only in GB 2312, 層 only in Big5.
    for form, characters in (("hans", "gb2312"), ("hant", "big5")):
        if not HAN.search(entry[form]):
            yield f"no Chinese in {entry[form]!r}"
        try:
            entry[form].encode(characters)
        except UnicodeEncodeError as error:
            yield f"{entry[form]!r} has a character of the other form: {entry[form][error.start]}"


def _sentence(entry):
    text = re.sub(r"\$[^$]+\$", "x", entry["text"])
    if not re.fullmatch(r"[A-Z].*\.", text) or re.search(r"[.?!] [A-Z]", text):
        yield f"not one sentence: {entry['text']!r}"


def _link(entry):
    doc = re.fullmatch(r"\{doc\}`([^`]+)`", entry["link"])
    if doc:
        if not re.search(rf"file: book/{re.escape(doc[1])}$", TOC, re.MULTILINE):
            yield f"{doc[1]} is not a chapter"
        return
    name, _, section = re.fullmatch(r"\[[^\]]+\]\(([^)]+)\)", entry["link"])[1].partition("#")
    if not (ROOT / "book" / name).exists():
        yield f"{name} does not exist"
    elif section not in headings(name):
        yield f"{name} has no section #{section}"


ENTRIES = read(PAGE.read_text(encoding="utf-8"))


def test_the_glossary_is_in_order():
    assert len(ENTRIES) >= 80
    assert problems(ENTRIES) == []


def test_it_is_a_page_of_the_book():
    assert "book/glossary" in check_notebooks.toc_entries(TOC)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"term": "zebra"}, "not in alphabetical order"),
        ({"term": ENTRIES[1]["term"]}, "occurs twice"),
        ({"hans": "準確率"}, "character of the other form"),
        ({"hant": "激活函数"}, "character of the other form"),
        ({"hant": "accuracy"}, "no Chinese"),
        ({"text": "Two sentences. Not one."}, "not one sentence"),
        ({"text": "no full stop"}, "not one sentence"),
        ({"link": "[Nowhere](99-nowhere.ipynb#x)"}, "does not exist"),
        ({"link": "[Targets](05-targets-and-cost.ipynb#no-such-section)"}, "no section"),
        ({"link": "{doc}`99-nowhere`"}, "not a chapter"),
    ],
)
def test_a_spoiled_entry_is_refused(change, words):
    spoiled = [{**ENTRIES[0], **change}, *ENTRIES[1:]]
    assert any(words in problem for problem in problems(spoiled))


def test_an_entry_without_its_parts_is_refused():
    with pytest.raises(AssertionError, match="not an entry"):
        read("```{glossary}\nterm\n  A sentence. {doc}`01-one-weight`\n```\n")
