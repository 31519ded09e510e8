"""What holds for the project as a whole."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
#: What hurt users of other systems, by the number of its row: each is named by a test that shows it is true here.
#: A later part of the product adds its rows.
PAINS = (*range(1, 15), 18, 29, *range(31, 36), *range(39, 45))
NAMED = re.compile(r"\bpains (\d+(?:(?:, | and )\d+)*)")


def named_pains() -> set[int]:
    """The rows that the docstring of a test names, as "pains 7" or "pains 2 and 44"."""
    found = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for numbers in NAMED.findall(ast.get_docstring(node) or ""):
                    found |= {int(number) for number in re.findall(r"\d+", numbers)}
    return found


def test_each_pain_is_named_by_a_test():
    assert sorted(set(PAINS) - named_pains()) == []
