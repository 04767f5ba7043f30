"""Evaluation policies that ship as files people read: examples to choose from, and a template."""

from importlib.resources import files

_TEMPLATE = "template"


def shipped() -> tuple[str, ...]:
    """Names of the policies that ship as examples, in order; none of them rules anything unless it is chosen."""
    names = (entry.name for entry in files("app.evaluations.policies").iterdir())
    policies = {name.removesuffix(".yaml") for name in names if name.endswith(".yaml")}
    return tuple(sorted(policies - {_TEMPLATE}))


def template_text() -> str:
    """A commented policy to write one's own from; it can be loaded as it is."""
    return shipped_text(_TEMPLATE)


def shipped_text(name: str) -> str:
    """The text of a shipped policy.

    :raises FileNotFoundError: when none has that name.
    """
    return files("app.evaluations.policies").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
