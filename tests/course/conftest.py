"""What the tests of the course share: the kinds of isolation that are available, and a call that grades a notebook."""

import dataclasses
import shutil

import pytest

from nnbook.course import grading, limits, sandbox

LIMITS = {"seconds": 4.0}
# Without bubblewrap everything is run with the other kind, except the few tests in test_bubblewrap.py.
KINDS = list(sandbox.KINDS) if shutil.which("bwrap") else ["limits"]


@pytest.fixture(scope="session")
def isolation():
    """The isolation that every Linux offers, for tests that are about something else."""
    return sandbox.isolation("limits")


def grader(kind):
    """Return a function that grades a notebook: grade(name, notebook, seed, **limits) → the result as plain data."""

    def run(name, notebook, seed=7, **given):
        return grading.grade(
            {
                "student": "ada",
                "assignment": name,
                "notebook": notebook,
                "trouble": "",
                "seed": bytes([seed]) * 32,
                "limits": dataclasses.asdict(limits.Limits(**{**LIMITS, **given})),
                "isolation": kind,
            }
        )

    return run


@pytest.fixture(scope="session")
def grade(isolation):
    return grader("limits")
