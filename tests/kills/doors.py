"""The commands that are killed: what they begin with, what they read, what they are called with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.evaluations.test_policies import OWN
from tests.publishing.test_organisation_file import RECORD
from tests.publishing.xml import numbered, write

AS_OF = ("--as-of", "2026-11-20")

#: small batches, so that a small input has many of them
SMALL = {
    ("app.publishing.importing.run", "BATCH"): 2,
    ("app.evaluations.obligations.recompute", "BATCH"): 1,
    ("app.db.archive", "_BATCH"): 5,
    ("app.publishing.releasing.publish", "_BATCH"): 2,
    ("app.publishing.releasing.queries", "_BATCH"): 2,
}

Command = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """A command of the command line, as it is killed."""

    name: str
    #: its answer on standard output is the account that is compared
    command: Command
    #: writes what the command reads into its folder
    files: Callable[[Path], object] = lambda _folder: None
    #: the same work as commands one after the other: a command that was killed has done the first of them whole
    parts: tuple[Command, ...] = ()
    #: what was done before, on the office
    before: tuple[Command, ...] = ()
    #: whether it begins with a database without tables, rather than with the office
    empty: bool = False
    #: whether it sends mails
    mails: bool = False
    #: the status with which it ends
    status: int = 0
    #: why the account of the second run may differ; empty: it may not
    own_account: str = ""

    @property
    def steps(self) -> tuple[Command, ...]:
        # one that is killed twice, each time behind its last commit, was done twice
        return self.parts or (self.command, self.command)

    def __str__(self) -> str:
        return self.name


def _publications(folder: Path) -> None:
    """Two files; of the first one activity is refused by the schema, one stands twice and one names no currency."""
    nameless = numbered(90).replace("<title>", "<titel>").replace("</title>", "</titel>")
    write(folder, numbered(1), numbered(2), nameless, numbered(3), numbered(1), numbered(4), numbered(5), name="a.xml")
    write(folder, numbered(6), numbered(7), numbered(8), name="b.xml")
    newer = [
        numbered(1).replace(">250<", ">300<"),
        numbered(2),
        numbered(3).replace("1000.10", "2000.20").replace("Better work 3", "Best work 3"),
        numbered(4).replace('ref="XM-DAC-7"', 'ref="XM-DAC-8"'),
        numbered(9),
    ]
    write(folder, *newer, name="newer.xml")


def _record(folder: Path) -> None:
    (folder / "agency.xml").write_text(RECORD, encoding="utf-8")


def _import(*files: str) -> Command:
    return ("import", "iati", *files, "--format", "json", *AS_OF)


def _table(folder: Path) -> None:
    """Rows that are new, changed and as before, one of them naming a row further down."""
    (folder / "projects.csv").write_text(
        """\
code,title,description,status,planned_start,planned_end,total_budget,currency,unit,officer,countries,sectors,parent
GLO/24/01/NLD,Work for all,Work for all.,implementation,2024-01-01,2027-06-30,2500000,USD,GVA,ana,KE:60|TZ:40,16020,
RAF/24/02/NLD,Skills,Skills for all.,implementation,2024-03-01,2026-12-31,,,GVA,ana,KE,16020,
NEW/26/01/NLD,New,New work.,pipeline,2027-01-01,2028-12-31,900000,USD,GVA,ana,KE,16020,NEW/26/00/NLD
NEW/26/00/NLD,Above,Work above.,pipeline,2027-01-01,2028-12-31,400000,USD,GVA,ana,UG:50|KE:50,16020,
""",
        encoding="utf-8",
    )


def _money(folder: Path) -> None:
    (folder / "transactions.csv").write_text(
        """\
document,project,type,date,amount,currency
D-1,GLO/24/01/NLD,4,2025-03-01,250.5,USD
D-2,GLO/24/01/NLD,4,2025-04-01,17.25,USD
D-3,GLO/24/01/NLD,4,2025-05-01,18.75,USD
""",
        encoding="utf-8",
    )


def _policy(folder: Path) -> None:
    (folder / "own.yaml").write_text(OWN.replace("from: 2026-01-01", "from: 2020-01-01"), encoding="utf-8")


_PREPARE: Command = ("release", "prepare", *AS_OF)
_APPROVE: Command = ("release", "approve")

_ALERTS = ("jobs", "run", "evaluation-alerts", "--format", "json")

_INIT = ("--org-id", "XM-EX-1", "--name", "Example", "--type", "40", "--currency", "USD", "--policy", "start")

DOORS = (
    Door(name="init", command=("init", *_INIT), empty=True),
    Door(
        name="iati-new",
        command=_import("a.xml", "b.xml"),
        parts=(_import("a.xml"), _import("b.xml")),
        files=_publications,
        status=1,
    ),
    Door(name="iati-newer", command=_import("newer.xml"), files=_publications, before=(_import("a.xml", "b.xml"),)),
    Door(name="iati-organisation", command=_import("agency.xml"), files=_record),
    Door(name="csv-projects", command=("import", "csv", "projects", "projects.csv", "--format", "json"), files=_table),
    Door(name="csv-money", command=("import", "csv", "transactions", "transactions.csv"), files=_money),
    Door(name="policy", command=("evaluations", "policy", "load", "own.yaml", *AS_OF), files=_policy),
    Door(name="backup", command=("db", "backup", "kept.gz")),
    Door(name="restore", command=("db", "restore", "office.gz"), empty=True),
    Door(name="release-prepare", command=_PREPARE),
    Door(name="release-publish", command=("release", "publish"), before=(_PREPARE, _APPROVE)),
    Door(name="export", command=("export", "activities", "--out", "out.xml", *AS_OF)),
    Door(
        name="alerts",
        command=(*_ALERTS, *AS_OF),
        mails=True,
        own_account="names its own run and what that run recorded; the rest stands in the record, which is compared",
    ),
)
