"""Commands that texts for people name, compared with those there are."""

import re
from collections.abc import Iterator

from typer.main import get_command

from app.cli.commands import app

_INLINE = re.compile(r"`(earmark [^`]+)`")


def commands_named(text: str) -> Iterator[str]:
    """Lines that begin with the command, without their comments, and the same between back quotes."""
    for line in text.splitlines():
        if line.startswith("earmark "):
            yield line.split("#")[0].strip()
        else:
            yield from _INLINE.findall(line)


def misnamed(line: str) -> str | None:
    """What a command line names that does not exist; None when it all does."""
    command = get_command(app)
    for word in line.split("[")[0].split()[1:]:
        # of a group; a command has none
        children = getattr(command, "commands", {})
        if not children:
            break
        choices = word.split("|")
        unknown = [choice for choice in choices if choice not in children]
        if unknown:
            return f"{line}: there is no command {unknown[0]}"
        command = children[choices[0]]
    if getattr(command, "commands", {}) and "|" not in line:
        return f"{line}: a command is missing"
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    options = sorted(set(re.findall(r"--[a-z-]+", line)) - known)
    return f"{line}: there is no option {options[0]}" if options else None
