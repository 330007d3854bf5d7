"""A diagnosis and its findings, each a mistake in one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One mistake: where it is, its name in `ZOO` (or "unknown"), and what to tell the reader.

    Attributes
    ----------
    where : str
        "delta[3]", "W[2]", "b[2]", or "gradients" for all of them.
    what : str
        The mistake's name in `ZOO`, "shape", "not finite", or "unknown".
    text : str
        What is wrong there, in words.
    also : tuple of str
        The names of other mistakes that give the same numbers here; `text` lists them too.
    """

    where: str
    what: str
    text: str
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


class Diagnosis:
    """The outcome of `diagnose`.

    Attributes
    ----------
    findings : list of Finding
        The fewest mistakes that together give the gradient, from the last layer to the first; empty when it is right.

    A diagnosis is true when it is healthy, so that `assert nn.diagnose(…)` works.
    """

    def __init__(self, findings: Iterable[Finding]):
        self.findings = list(findings)

    @property
    def healthy(self) -> bool:
        """True when no mistake was found."""
        return not self.findings

    def __bool__(self) -> bool:
        return self.healthy

    def __str__(self) -> str:
        if self.healthy:
            return "diagnosis: none found"
        places: dict[str, list[str]] = {}  # one line for the same mistake in several layers
        for finding in self.findings:
            places.setdefault(finding.text, []).append(finding.where)
        return "\n".join(["diagnosis", *(f"  {', '.join(where)}: {text}" for text, where in places.items())])

    def __repr__(self):
        return f"<Diagnosis: {len(self.findings) or 'no'} finding{'s' * (len(self.findings) != 1)}>"
