"""Processes of the tests' own, forked from a server that has the program loaded, so that a start costs little."""

import multiprocessing

#: one server for all tests of a run: what is to be loaded is said once, before the first process
forking = multiprocessing.get_context("forkserver")
forking.set_forkserver_preload(["tests.jobs.worker", "tests.kills.child"])
