"""Loaded last before processes are forked: what is loaded by then stays.

A process that looked through all of it for cycles would write to every page of it, and so copy what it shares with the
server: half of what a short command takes.
"""

import gc

gc.collect()
gc.freeze()
