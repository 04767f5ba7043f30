"""``python -m app.web.catalogue [NAME]``."""

import sys
from collections.abc import Sequence

from app.language import i18n
from app.web.catalogue.files import update


def main(arguments: Sequence[str]) -> int:
    name = arguments[0] if arguments else "pages"
    for language in i18n.LANGUAGES:
        if language != i18n.USUAL:
            found = update(language, name)
            sys.stderr.write(f"{language}: {len(found)} messages to translate\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
