"""The subcommands of ``python -m iati``, one module each.

A module gives ``add_parser(subparsers)``, which adds its parser and sets ``run`` to a function from the parsed
arguments to an exit status: 0 fine, 1 the input has faults, 2 wrong usage.
"""

from typing import Final

#: Every subcommand with a line for the overview; the module of the same name is imported when it is called.
COMMANDS: Final = (
    ("validate", "check files against the standard's schema, codelists and rules"),
    ("roundtrip", "read a file and write it again, which must change nothing"),
    ("diff", "compare two files by meaning"),
    ("upgrade", "bring a 2.01 or 2.02 file to version 2.03"),
    ("score", "compute the Aid Transparency Index tests for files"),
)
