"""What a rule sees and says: a module, a finding, and small questions to a syntax tree."""

import ast
import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

PRODUCT = ("desktop", "migrations", "shared", "sync_server")
FIRST_PARTY = frozenset({*PRODUCT, "tests"})

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Finding:
    """A place where a rule is broken, and the cure."""

    path: str
    line: int
    rule: str
    cure: str

    def __str__(self) -> str:
        """One clickable line."""
        return f"{self.path}:{self.line}: {self.rule}: {self.cure}"


@dataclass(frozen=True)
class Module:
    """One source file, with its path from the root of the project in POSIX form."""

    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.source, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def comments(self) -> dict[int, str]:
        """Comments by line."""
        tokens = tokenize.generate_tokens(io.StringIO(self.source).readline)
        return {t.start[0]: t.string for t in tokens if t.type == tokenize.COMMENT}

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return PurePosixPath(self.path).stem

    @property
    def is_product(self) -> bool:
        """Whether it is part of what is shipped."""
        return self.path.startswith(tuple(f"{room}/" for room in PRODUCT))

    @property
    def slice(self) -> str | None:
        """The slice of shared/ that the file is a shelf of; None for floors and other rooms."""
        parts = PurePosixPath(self.path).parts
        floors = {"kernel", "plugins", "storage", "runtime", "sync"}
        is_shelf = len(parts) > 2 and parts[0] == "shared" and parts[1] not in floors
        return parts[1] if is_shelf else None

    def functions(self) -> Iterator[FunctionNode]:
        """All functions and methods."""
        return (node for node in self.nodes if isinstance(node, FunctionNode))

    def classes(self) -> Iterator[ast.ClassDef]:
        """All classes."""
        return (node for node in self.nodes if isinstance(node, ast.ClassDef))

    def calls(self) -> Iterator[ast.Call]:
        """All calls."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, module) of each import, `from a.b import c` as `a.b` and as `a.b.c`."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.lineno, node.module
                yield from ((node.lineno, f"{node.module}.{a.name}") for a in node.names)

    def find(self, node: ast.AST | int, rule: str, cure: str) -> Finding:
        """A finding at a node or line of this file."""
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return Finding(self.path, line, rule, cure)


Rule = Callable[[Module], Iterator[Finding]]


def called_name(call: ast.Call) -> str:
    """The last word of what is called: `submit` of `self.work.submit(...)`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def dotted(node: ast.AST) -> str:
    """`a.b.c` of names and attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
