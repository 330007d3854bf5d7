"""Every domain mutant of the package is killed by its tests, and by the check cells of the chapter concerned."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from domain import MUTANTS

HERE = Path(__file__).resolve().parent


def run(folder, what):
    command = [sys.executable, str(HERE / "run_mutants.py"), str(folder), what]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout.splitlines()[-1])
    assert results.pop("baseline") == 0, f"the {what} do not pass on the package as it is"
    return results


def problems(results, wanted):
    """Mutants that were not run, survived, or failed in some way other than a refusal."""
    assert set(results) == {mutant.name for mutant in wanted}
    return {name: result for name, result in results.items() if result != 1}


def test_every_mutant_is_killed_by_the_tests(tmp_path, record_checked):
    results = run(tmp_path, "tests")
    assert problems(results, MUTANTS) == {}
    record_checked("mutants", killed_by_the_tests=len(results))


def test_every_mutant_is_killed_by_the_check_cells(tmp_path, record_checked):
    results = run(tmp_path, "equations")
    assert problems(results, [mutant for mutant in MUTANTS if mutant.chapter]) == {}
    record_checked("mutants", killed_by_check_cells=len(results))


def test_a_mutant_that_changes_nothing_is_a_problem():
    wanted = MUTANTS[:2]
    assert problems({wanted[0].name: 1, wanted[1].name: 0}, wanted) == {wanted[1].name: 0}
    assert problems({wanted[0].name: 1, wanted[1].name: "its text stands 0 times"}, wanted) != {}
    with pytest.raises(AssertionError):
        problems({wanted[0].name: 1}, wanted)


def test_names_are_told_apart_and_reasons_are_given():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        assert mutant.old != mutant.new
        assert bool(mutant.chapter) != bool(mutant.no_equation), mutant.name
