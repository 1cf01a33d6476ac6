"""Mutants of one source file: each a function body with one change, made by mutmut's mutators.

mutmut itself leaves out functions that bear a decorator; here that would be every cached one, so the pattern
matcher and the operators among them. All function bodies are taken, with or without a decorator; tables,
annotations, decorators, defaults and docstrings are not.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

Change = tuple[str, cst.CSTNode, cst.CSTNode]  # the function, a node of it, what to put in its place

NOT_ENTERED = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom, cst.Parameters)
# Why: mutmut leaves these alone too, as a changed argument raises at once.
NOT_MUTATED = {"len", "isinstance", "cast"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the function, as `name` or `Class.name`, and the whole changed file."""

    file: Path
    number: int
    function: str
    line: int
    source: str

    @property
    def name(self) -> str:
        """By which it is shown and asked for."""
        return f"{self.file.stem}#{self.number}"

    @property
    def module(self) -> str:
        """The dotted name of the mutated module."""
        parts = self.file.with_suffix("").parts
        return ".".join(parts[parts.index("imagefence") :])

    def code(self) -> types.CodeType:
        """The changed function."""
        code = compile(self.source, str(self.file), "exec", dont_inherit=True)
        for part in self.function.split("."):
            code = next(
                each for each in code.co_consts if isinstance(each, types.CodeType) and each.co_name == part
            )
        return code

    def difference(self) -> str:
        """The changed lines."""
        before, after = self.file.read_text().splitlines(), self.source.splitlines()
        lines = [each for each in unified_diff(before, after, lineterm="", n=0) if each[0] in "+-"]
        return "\n".join(lines[2:])


def mutants_of(file: Path) -> Iterator[Mutant]:
    """Every mutant of a file, in the order of its lines."""
    wrapper = MetadataWrapper(cst.parse_module(file.read_text()), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    for number, (function, node, changed) in enumerate(_changes(wrapper.module, (), inside=False), 1):
        source = cst.ensure_type(wrapper.module.deep_replace(node, changed), cst.Module).code
        yield Mutant(file, number, function, positions[node].start.line, source)


def _changes(node: cst.CSTNode, path: tuple[str, ...], *, inside: bool) -> Iterator[Change]:
    """What can be changed at and below a node, which may be inside of the function that the path names."""
    if isinstance(node, NOT_ENTERED) or _left_alone(node):
        return
    if inside:
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                yield from ((".".join(path), node, changed) for changed in operator(node))
    elif isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        path, inside = (*path, node.name.value), isinstance(node, cst.FunctionDef)
    for child in node.children:
        yield from _changes(child, path, inside=inside)


def _left_alone(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Name) and node.func.value in NOT_MUTATED
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString)
