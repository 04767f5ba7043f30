"""Processes that share work: those of the IATI library, which makes them for itself as well."""

from iati.processes import usable_cores as usable_cores
from iati.processes import workers as workers
