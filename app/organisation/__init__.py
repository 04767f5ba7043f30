"""The organisation's own set-up: what everything else rests on."""
