"""Earmark: the portfolio tracker."""

__version__ = "0.1.0"
