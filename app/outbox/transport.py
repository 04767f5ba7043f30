"""How a delivery fails."""


class DeliveryFailed(Exception):
    """A message was not delivered; the words say why."""


class Refused(DeliveryFailed):
    """For good: it is not tried again."""


class Unavailable(DeliveryFailed):
    """For now: it is tried again later. ``whole_channel``: the others would fare no better."""

    def __init__(self, words: str, *, whole_channel: bool = False) -> None:
        super().__init__(words)
        self.whole_channel = whole_channel
