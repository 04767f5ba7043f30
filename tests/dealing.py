"""How tests are dealt out to the processes of a run.

The tests of a file go to one process, so that what the file sets up is set up once. Newer releases of pytest do not let
xdist see its own marks of groups, hence this table.
"""

from xdist.scheduler.loadscope import LoadScopeScheduling

#: what shares what is dear: a browser with a served portfolio, the example portfolio in both databases
TOGETHER = {
    "tests/browser/": "browser",
    "tests/tabular/test_export.py": "example",
    "tests/tabular/test_flat_tables.py": "example",
    "tests/tabular/test_import.py::test_the_example_portfolio": "example",
}

#: files and folders whose tests share little and take long: each goes where there is room
APART = (
    "tests/http/test_contract.py",
    "tests/kills/",
    "tests/jobs/test_faults.py",
    "tests/cli/",
    "tests/web/test_crawl.py",
    "tests/evaluations/test_example_portfolio.py",
)

#: the same, and files of few tests that take long: they are dealt out early, so that none of them is waited for at the
#: end, when there is nothing left for the other process
EARLY = (
    *APART,
    "tests/db/test_archive.py",
    "tests/db/test_ledger.py",
    "tests/evaluations/test_by_portion.py",
    "tests/funding/test_dated.py",
    "tests/http/test_clients.py",
    "tests/http/test_description.py",
    "tests/http/test_rights.py",
    "tests/reports/test_one_figure.py",
    "tests/results/test_achieved.py",
    "tests/tabular/test_funding_tables.py",
)


class ByFile(LoadScopeScheduling):
    """Deals in the order of collection, where what takes long comes first (``tests/conftest.py``)."""

    def __init__(self, config: object, log: object = None) -> None:
        super().__init__(config, log)
        self.config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        for beginning, group in TOGETHER.items():
            if nodeid.startswith(beginning):
                return group
        return nodeid if nodeid.startswith(APART) else nodeid.partition("::")[0]
