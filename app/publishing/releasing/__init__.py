"""Releases: prepared from one state of the records, frozen, compared, approved, published, taken back."""
