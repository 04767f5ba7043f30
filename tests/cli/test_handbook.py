"""Every command that the handbook names is run: page after page on one office, as by somebody who works with them."""

import re
import shlex

from app.evaluations.policies.shipped import shipped_text
from tests.cli.program import Program
from tests.handbook.test_pages import PAGES
from tests.iati.validated import activity, file

#: how commands begin that are not run here, and who runs them
NOT_HERE = {
    "earmark serve": "goes on until it is stopped: tests/cli/test_server.py",
    "earmark jobs serve": "goes on until it is stopped: tests/jobs/test_schedule.py",
    "earmark registry sign-in": "asks a person: tests/cli/test_registry.py",
    "earmark registry check": "asks a registry: tests/cli/test_registry.py",
    "earmark release prepare --live": "asks the world: tests/publishing/releasing/test_prepare.py",
    "earmark results carry 2024-25": "wants two frameworks: tests/results/test_frameworks.py",
    "earmark db restore": "wants an empty database: tests/cli/test_setup.py",
    "earmark db backup": "is compared with what it restores: tests/cli/test_setup.py",
    "earmark import csv transactions FILE --mapping": "wants a finance system: tests/tabular/test_mapping.py",
    "earmark codelists update": "wants a folder of lists: tests/cli/test_files.py",
    "python -m iati validate": "uses every core: tests/iati/test_corpus.py",
}
#: the pages that make what others look at
FIRST = ("running.md", "tables.md", "published-files.md", "follow-up.md")
#: what stands for words of the pages
WORDS = {
    "PROJECT": "GLO/24/01/NLD", "CODE": "RAF/24/02/NLD", "NEW": "XM-EX-2", "WHY": "Agreed", "NAME": "boris",
    "DATE": "2030-12-31",
}  # fmt: skip
#: commands that are named without what they need, and those that have to look from a day
WHOLE = {
    "earmark init": "earmark init --org-id XM-EX-1 --name Example --type 40 --currency USD",
    "earmark init --policy": "earmark init --org-id XM-EX-1 --name Example --type 40 --currency USD --policy none",
    "earmark token revoke": "earmark token revoke 1",
    "earmark feed close": "earmark feed close 1",
    "earmark jobs run delivery-statements": "earmark jobs run delivery-statements --as-of 2026-04-10",
    "earmark evaluations policy retire NAME --last-day DATE":
        "earmark evaluations policy retire example-fao --last-day 2030-12-31",
    "earmark validate FILE...": "earmark validate published.xml",
}  # fmt: skip
#: what ends with another status here, as it should
OTHERWISE = {"earmark feed close": 1}  # there is none
#: tables that are handed in; others go in as they came out
TABLES = {
    "units": "code,name\nROAF,Africa\n",
    "transactions": "document;project;type;date;amount;currency\nD-2;GLO/24/01/NLD;4;1.3.2025;1.250,50;USD\n",
    "oversight-reports": "reference,overseer,title,issued_on,series\nD-1,donor-assessment,Card,2021-12-31,MOPAN\n",
    "assessment-scores": "report,section,aspect,item,score\nD-1,1,Strategy,Focus,3\n",
}


def named(page: str) -> list[tuple[str, bool]]:
    """The commands of a page; whether they stand in its text, where they may lack what they need."""
    blocks = re.findall(r"^```\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    lines = [line.partition(" #")[0] for block in blocks for line in block.splitlines()]
    within = re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE))
    told = [(" ".join(each.split()), False) for each in lines] + [(" ".join(each.split()), True) for each in within]
    return [each for each in told if re.match(r"(earmark|python -m iati) [a-z]", each[0])]


def call(command: str) -> list[str]:
    """A command as it is run: with files and names of this office, and without what may be left out."""
    said = re.sub(r" ?\[[^]]*\]", "", WHOLE.get(command, command))
    words = [WORDS.get(word, word) for word in shlex.split(said)[1:]]
    file_of = {"csv": f"{words[2]}.csv" if len(words) > 2 else "", "policy": "policy.yaml", "iati": "published.xml"}
    return [file_of[words[1]] if word == "FILE" else word for word in words]


def test_every_command_of_the_handbook_does_what_it_says(light_office: Program) -> None:
    pages = sorted(PAGES, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    found = [(command, loose) for name in pages for command, loose in named(PAGES[name])]
    run = [
        command
        for command, loose in dict(found).items()
        if not command.startswith(tuple(NOT_HERE))
        and not (loose and any(other.startswith(f"{command} ") for other, _ in found))
    ]
    assert [begun for begun in NOT_HERE if not any(each.startswith(begun) for each, _ in found)] == []
    light_office.inside("user", "create", "boris", "--role", "viewer")
    _hand_in(light_office, "units", "units.csv")
    light_office.inside("import", "csv", "units", "units.csv")
    (light_office.folder / "published.xml").write_bytes(file(activity(identifier="XM-EX-1-9")))
    (light_office.folder / "policy.yaml").write_text(shipped_text("example-fao"), encoding="utf-8")
    (light_office.folder / "claims.json").write_text('{"sub": "1", "roles": ["earmark-officer"]}')
    for command in run:
        words = call(command)
        if words[:2] == ["import", "csv"] and words[3].endswith(".csv"):
            _hand_in(light_office, *words[2:4])
        light_office.inside(*words, status=OTHERWISE.get(command, 0))


def _hand_in(office: Program, kind: str, name: str) -> None:
    """A table that is handed in under a name: one of ours, or what is there already."""
    if name == f"{kind}.csv" and kind in TABLES:
        office.write(name, TABLES[kind].rstrip())
    else:
        office.inside("export", "csv", kind, "--out", name)
