"""Evaluation policies as files people read: the ones that ship, how they are loaded and written."""

from importlib.resources import files

#: Policies of the organisation that are in force from the first day; the others are examples to choose from.
IN_FORCE = ("ilo-2002", "default")


def shipped() -> tuple[str, ...]:
    """Names of the policies that ship, in order."""
    folder = files("app.evaluations.policies")
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def shipped_text(name: str) -> str:
    """The text of a shipped policy.

    :raises FileNotFoundError: when none has that name.
    """
    return files("app.evaluations.policies").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
