"""The command line: thin commands that call the same services as the API.

Standard output carries the answer and nothing else; progress and explanations go to standard error.
Exit status: 0 fine, 1 the input or the data has faults (all of them printed), 2 wrong usage.
"""

import gc
import sys


def main() -> None:
    """Entry of the ``earmark`` command."""
    # what is imported stays: looking for cycles in it would take a seventh of the start
    gc.disable()
    from app.cli.commands import app
    from app.cli.context import run

    gc.enable()
    sys.exit(run(app))
