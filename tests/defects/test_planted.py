"""The seeded defects still find their place in the source, and the tests beside them are there."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.defects.planted import DEFECTS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("defect", DEFECTS, ids=[f"{d.kind}-{n}" for n, d in enumerate(DEFECTS, 1)])
def test_a_defect_still_applies_and_its_tests_are_there(defect):
    source = (ROOT / defect.path).read_text(encoding="utf-8")
    made = defect.applied(source)
    assert made != source
    if defect.path.endswith(".py"):
        ast.parse(made)
    for test in defect.tests:
        file, _, name = test.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not name or f"def {name.partition('[')[0]}(" in text, test


def test_there_are_at_least_sixty_of_many_kinds():
    assert len({(d.path, d.old, d.new) for d in DEFECTS}) == len(DEFECTS) >= 60
    assert len(Counter(d.kind for d in DEFECTS)) >= 12
