"""Size caps, docstrings and names: what keeps every file one that a person likes to open."""

import ast
from collections.abc import Iterator

from tests.house.source import Source, sources

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_CLASS_METHODS = 25
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "base"}

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def oversized(source: Source) -> list[str]:
    """What in one file exceeds a cap, one text each."""
    found = []
    if source.lines > MAX_FILE_LINES:
        found.append(f"{source.path}: {source.lines} lines, at most {MAX_FILE_LINES}")
    for node in ast.walk(source.tree):
        if isinstance(node, FunctionNode):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                found.append(
                    f"{source.path}:{node.lineno}: {node.name} has {length} lines, at most {MAX_FUNCTION_LINES}"
                )
        elif isinstance(node, ast.ClassDef):
            methods = sum(isinstance(child, FunctionNode) for child in node.body)
            if methods > MAX_CLASS_METHODS:
                found.append(
                    f"{source.path}:{node.lineno}: {node.name} has {methods} methods, at most {MAX_CLASS_METHODS}"
                )
    return found


def undocumented(source: Source) -> Iterator[str]:
    """The module, public classes and public functions of one file that have no docstring.

    Private names, what is nested inside a function, and overrides of Qt's and pydantic's own methods (their meaning
    is the base class's) need none.
    """
    tree = source.tree
    if not ast.get_docstring(tree):
        yield f"{source.path}: the module says nothing about what it holds"
    for node in tree.body:
        if (
            isinstance(node, FunctionNode | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ):
            yield f"{source.path}:{node.lineno}: {node.name} has no docstring"


def parse(text: str) -> Source:
    return Source("designer/example.py", text)


def test_files_functions_and_classes_stay_small() -> None:
    found = [
        text
        for folder in ("designer", "tests", "benchmarks")
        for source in sources(folder)
        for text in oversized(source)
    ]
    assert not found, "\n".join(found)


def test_the_size_caps_bite() -> None:
    long_function = "def long():\n" + "    x = 1\n" * MAX_FUNCTION_LINES
    big_class = "class Big:\n" + "".join(f"    def m{i}(self): ...\n" for i in range(MAX_CLASS_METHODS + 1))
    long_file = "x = 1\n" * (MAX_FILE_LINES + 1)
    assert [len(oversized(parse(text))) for text in (long_function, big_class, long_file)] == [1, 1, 1]
    assert not oversized(parse("def short():\n" + "    x = 1\n" * (MAX_FUNCTION_LINES - 1)))


def test_modules_and_public_names_say_what_they_are() -> None:
    found = [text for source in sources() for text in undocumented(source)]
    assert not found, "\n".join(found)


def test_every_test_module_says_what_it_holds() -> None:
    found = [s.path for s in sources("tests") if s.text.strip() and not ast.get_docstring(s.tree)]
    assert not found, "\n".join(found)


def test_missing_docstrings_are_found() -> None:
    assert len(list(undocumented(parse("def f(): ...\nclass C: ...\ndef _private(): ...\n")))) == 3
    assert not list(undocumented(parse('"""Doc."""\ndef f():\n    """Doc."""\n')))


def test_no_module_is_named_after_nothing() -> None:
    found = [s.path for s in sources() if FORBIDDEN_NAMES & set(s.module.split("."))]
    assert not found, f"name these after what they hold: {found}"
