"""The library's command line: ``python -m iati COMMAND``."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from iati.commands import COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit status (0 fine, 1 the input has faults, 2 wrong usage)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    called = words[0] if words else None
    parser = argparse.ArgumentParser(prog="python -m iati", description="Work with files of the IATI standard 2.03.")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, about in COMMANDS:
        if name == called:
            # Only the module that is called is imported: each brings a good part of the library with it.
            import_module(f"iati.commands.{name}").add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=about, add_help=False)
    options = parser.parse_args(words)
    status: int = options.run(options)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        # The reader of our output has seen enough (`| head`); what is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
