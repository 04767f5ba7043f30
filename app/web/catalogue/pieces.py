"""Sentences that are filled with pieces of English, which no catalogue can say: a sentence in another language with
English words in the middle is worse than one that stays English and is marked as such.

A part is a piece where the function that writes the sentence gives it words of its own: ``"none"`` or ``f" on {day}"``.
Words that catalogues know (:data:`app.language.heard.WORDS`) are none, nor are parts that are said as terms.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Final

from app.language.heard import NESTED, TERMS, WORDS

#: stands for what is filled in
_FILLED: Final = "\0"
_LETTERS: Final = re.compile(r"[A-Za-z]{2}")
#: the rest of a list that is cut, which pages know by itself
_AND_MORE: Final = f" and {_FILLED} more"


def with_pieces(tree: ast.Module, constants: Mapping[str, str]) -> frozenset[int]:
    """The texts of a module that are filled with pieces of English: the ``id`` of their nodes."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    told = {each.name: list(_returned(each)) for each in functions}
    found: set[int] = set()
    for function in functions:
        given = _given(function)
        for node in ast.walk(function):
            if isinstance(node, ast.JoinedStr | ast.BinOp) and _has_piece(node, given, told, constants):
                found.add(id(node))
    return frozenset(found)


def _has_piece(
    node: ast.expr, given: Mapping[str, list[str]], told: Mapping[str, list[str]], constants: Mapping[str, str]
) -> bool:
    for part in ast.walk(node):
        if not isinstance(part, ast.FormattedValue):
            continue
        match part.value:
            case ast.Name(id=name) if name in constants or name in NESTED or name in TERMS:
                continue
            case ast.Name(id=name):
                texts = given.get(name, [])
            case ast.Call(func=ast.Name(id=name)):
                texts = told.get(name, [])
            case value:
                texts = list(_texts(value))
        if any(map(_is_piece, texts)):
            return True
    return False


def _is_piece(text: str) -> bool:
    return text not in WORDS and _LETTERS.search(text.replace(_AND_MORE, "")) is not None


def _texts(value: ast.expr) -> Iterator[str]:
    """What a value may be, as far as it is written here."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr():
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else _FILLED for each in value.values)
        case ast.IfExp():
            yield from _texts(value.body)
            yield from _texts(value.orelse)
        case ast.BinOp(op=ast.Add()):
            yield from _texts(value.left)
            yield from _texts(value.right)
        case ast.BoolOp():
            for each in value.values:
                yield from _texts(each)


def _given(function: ast.AST) -> dict[str, list[str]]:
    """Names of a function with the texts that they are given."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(function):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ):
                found.setdefault(name, []).extend(_texts(value))
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for each, value in zip(names, values, strict=False):
                    if isinstance(each, ast.Name):
                        found.setdefault(each.id, []).extend(_texts(value))
    return found


def _returned(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _texts(node.value)
