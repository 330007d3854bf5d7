"""Names of several letters that are parsed as products: n e t, s o f t m a x."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .indices import plain_letter
from .language.tree import Juxt, Name, Node, Scripted, children, replaced


def spelled_words(node: Node, words: Iterable[str]) -> Any:
    """Return ``node`` with names that are parsed as products (n e t) joined."""
    for path, child in list(children(node)):
        new = spelled_words(child, words)
        if new is not child:
            node = replaced(node, path, new)
    if not isinstance(node, Juxt):
        return node
    items: list[Node] = []
    n = 0
    while n < len(node.items):
        for word in sorted(words, key=len, reverse=True):
            part = node.items[n : n + len(word)]
            last = part[-1].base if part and isinstance(part[-1], Scripted) else (part[-1] if part else None)
            letters = [plain_letter(p) for p in part[:-1]] + [plain_letter(last) if last is not None else None]
            if len(part) == len(word) and letters == list(word):
                name = Name(word, "word", position=part[0].position)
                last = part[-1]
                if isinstance(last, Scripted):
                    name = Scripted(name, last.sub, last.sup, last.primes, position=part[0].position)
                items.append(name)
                n += len(word)
                break
        else:
            items.append(node.items[n])
            n += 1
    if len(items) == len(node.items):
        return node
    return items[0] if len(items) == 1 else Juxt(tuple(items), position=node.position)
