"""Messages are marked for translation where they are written."""


def mark(message: str) -> str:
    """The message as it is; it is translated where it is shown."""
    return message
