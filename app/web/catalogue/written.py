"""Sentences that the rooms write whole, with what is at hand filled in, as messages for the catalogues.

Faults and remarks are told in English where they arise, mostly as ``f"There is no project {code}."``. What is filled in
is called by its name here: ``There is no project %(code)s.``. Pages know such a sentence again by its form, and say it
in their language (:attr:`app.language.i18n.Words.written`). What is told as ``Told`` or marked needs none of this.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from app.language.i18n import is_form
from app.web.catalogue.pieces import with_pieces
from app.web.views.sheets import without_options

_APP: Final = Path(__file__).parents[2]
#: what the checker of policies tells, which begins with a small letter and has no full stop
_CHECKER: Final = ("domain/evaluation/checks.py", "evaluations/policies/load.py", "evaluations/policies/reading.py")
#: words from which such a text is more than a name
_WORDS: Final = 4
#: what only programs, command lines, logs and files are told, and what pages know by other forms; every other room's
#: sentences come to pages
_OTHERS: Final = (
    "alerts/routes", "cli", "config", "db/archive", "db/former_keys", "db/leases", "db/schema", "demo", "deploy",
    "example", "founding", "http/access", "http/conventions", "http/health", "http/limits", "http/metrics",
    "http/router",
    "installation", "jobs", "people/audit", "people/trail", "publishing/registering/settings",
    "publishing/registering/signing_in", "publishing/releasing/answers", "publishing/releasing/copying",
    "publishing/releasing/keeping", "publishing/releasing/people", "publishing/sentences", "publishing/world/queries",
    "reports/approvals",
    "reports/delivery", "reports/placed", "reports/portfolio", "reports/targets", "tabular/flat",
    "tabular/mapping/load", "tabular/mapping/model",
    "tracing", "web/catalogue", "web/definitions", "web/views/sheets",
)  # fmt: skip
#: parts that are pieces of a sentence themselves, which stay English: such a sentence is told as ``Told``, or stays so
_PIECES: Final = frozenset({
    "advice", "CHANGED", "how", "label", "message", "NEW_CODES", "PRESET", "question", "RESAVE", "SUFFIXES", "WRITTEN",
})  # fmt: skip
#: calls whose texts are in the catalogues by themselves, or come to no page
_TOLD: Final = frozenset({
    "Told", "mark", "ngettext", "Field", "Query", "Path", "Body", "ConfigDict", "RuntimeError", "TypeError",
    "AssertionError",
})  # fmt: skip
_LOGGED: Final = frozenset({"debug", "info", "warning", "exception"})
#: calls that tell programs what a route does
_ROUTES: Final = frozenset({"get", "post", "put", "patch", "delete"})
_SENTENCE: Final = re.compile(r"(?:[A-Z“]|1 |%\(\w+\)s).*\s.*\s.*[.?]", re.DOTALL)
_PART: Final = re.compile(r"%\((\w+)\)s")
#: definitions are longer, and are taken apart where they are shown
_LONGEST: Final = 330
_COMMAND: Final = re.compile(r"`[^`]*`")
_NONE: Final = re.compile(r"(There is no [a-z ]+) %\(\w+\)s\.")


def written() -> Iterator[str]:
    """The forms of the sentences, each once, in the order of the modules."""
    seen: dict[str, None] = {}
    for name, source in _rooms():
        seen |= dict.fromkeys(of_checker(source) if name in _CHECKER else of_source(source))
    return iter(seen)


def staying() -> Iterator[str]:
    """The forms that come to pages and stay English there, marked as such."""
    for name, source in _rooms():
        if name not in _CHECKER:
            yield from in_pieces(source)


def _rooms() -> Iterator[tuple[str, str]]:
    """The modules whose sentences come to pages, by name, with their sources."""
    for path in sorted(_APP.rglob("*.py")):
        name = path.relative_to(_APP).as_posix()
        if not name.startswith(_OTHERS):
            yield name, path.read_text(encoding="utf-8")


def of_source(source: str) -> Iterator[str]:
    """The forms of the sentences of a module, but for those that stay English."""
    yield from (form for form, whole in _told(source) if whole)


def in_pieces(source: str) -> Iterator[str]:
    """The forms that stay English, because words are filled in that no catalogue knows."""
    yield from (form for form, whole in _told(source) if not whole)


def with_options(source: str) -> Iterator[str]:
    """The sentences of a module that end with options of a command."""
    yield from (form for form, _ in _texts(source) if " --" in form and _SENTENCE.fullmatch(form))


def _told(source: str) -> Iterator[tuple[str, bool]]:
    for text, whole in _texts(source):
        # a page says the options of a command in words of its own
        form = without_options(text) if " --" in text else text
        if _SENTENCE.fullmatch(form) and _is_told(form):
            # one form for all that is sought in vain
            yield _NONE.sub(r"\1 %(which)s.", form), whole or not _PART.search(form)


def of_checker(source: str) -> Iterator[str]:
    """The forms of what the checker of policies tells."""
    yield from (form for form, _ in _texts(source) if len(form.split()) >= _WORDS and "\n" not in form)


def _texts(source: str) -> Iterator[tuple[str, bool]]:
    """All texts of a module with names where something is filled in, and whole where that never varies; and whether
    no piece of English is filled in."""
    tree = ast.parse(source)
    constants = _constants(tree)
    pieced = with_pieces(tree, constants)
    passed = {id(inner) for node in ast.walk(tree) if _is_passed(node) for inner in ast.walk(node)}
    passed |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in passed or not isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
            continue
        form = _form(node, [], constants)
        if form is None:
            continue
        passed |= {id(inner) for inner in ast.walk(node)}
        yield form, id(node) not in pieced


def _is_told(form: str) -> bool:
    if len(form) > _LONGEST or " --" in _COMMAND.sub("", form) or "{" in form:
        return False
    parts = frozenset(_PART.findall(form))
    return not parts or (is_form(form) and not parts & _PIECES)


def _is_passed(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return called in _TOLD or called in _LOGGED or (called in _ROUTES and isinstance(node.func, ast.Attribute))


def _constants(tree: ast.Module) -> dict[str, str]:
    """Names of the module that are given one text and no other."""
    given: dict[str, list[ast.expr | None]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                names = [each for target in targets for each in ast.walk(target)]
            case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                names = [target]
            case ast.arg(arg=name):
                given.setdefault(name, []).append(None)
                continue
            case ast.For(target=target) | ast.comprehension(target=target):
                names, value = [*ast.walk(target)], None
            case _:
                continue
        for each in names:
            if isinstance(each, ast.Name):
                given.setdefault(each.id, []).append(value)
    return {
        name: values[0].value
        for name, values in given.items()
        if len(values) == 1 and isinstance(values[0], ast.Constant) and isinstance(values[0].value, str)
    }


def _form(node: ast.expr, used: list[str], constants: Mapping[str, str]) -> str | None:
    """The text with names where something is filled in; None: it is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return text.replace("%", "%%") if used else text
        case ast.JoinedStr():
            return "".join(
                str(part.value).replace("%", "%%") if isinstance(part, ast.Constant) else _named(part, used, constants)
                for part in node.values
            )
        case ast.BinOp(op=ast.Add()):
            left = _form(node.left, used, constants)
            right = _form(node.right, used, constants)
            if left is None and right is None:
                return None
            return (left or _named(node.left, used, constants)) + (right or _named(node.right, used, constants))
    return None


def _named(node: ast.expr, used: list[str], constants: Mapping[str, str]) -> str:
    """A part by its name; of several with one name the later ones have a number. What is a constant is itself."""
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name) and node.value.id in constants:
        return constants[node.value.id].replace("%", "%%")
    name = _name(node)
    used.append(name)
    times = used.count(name)
    return f"%({name}{times if times > 1 else ''})s"


def _name(node: ast.expr) -> str:
    match node:
        case ast.FormattedValue():
            return _name(node.value)
        case ast.Name():
            return node.id.strip("_") or "part"
        case ast.Attribute():
            return node.attr.strip("_")
        case ast.Call():
            return _name(node.args[0]) if node.args else _name(node.func)
        case ast.Subscript():
            return _name(node.value)
    return "part"
