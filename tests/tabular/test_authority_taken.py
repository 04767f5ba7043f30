"""No table takes over what another unit has: neither by its key, nor by a link from the own side, nor by silence.

First what there is of both units is put on record by an administrator; then an officer of one unit sends rows that name
it. ``OTHERS`` are refused by right.
"""

from pathlib import Path

from app.db.engine import Database
from app.domain.access import LOCAL, Actor
from app.domain.codes import use_codelists
from app.domain.terms import Role
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.filled import filled
from tests.portfolio import TODAY
from tests.tabular.two_units import fill

#: kind of table → its columns, and the rows of a unit; ``{side}`` stands for OWN and OTHER
STANDING = {
    "officers": ("code,name,email,unit", ["off-{side},Somebody,{side}@example.org,{side}"]),
    "encumbrances": ("document,project,date,amount,currency", ["EN-{side},{side}/1,2026-02-01,40,USD"]),
    "transactions": (
        "document,project,agreement,type,date,amount,currency",
        ["T-{side},{side}/1,A-{side},expenditure,2026-01-31,5,USD"],
    ),
    "evaluations": ("reference,kind,independence,projects,status", ["E-{side},final,self,{side}/1,planned"]),
    "recommendations": ("reference,evaluation,text", ["R-{side},E-{side},Do it"]),
    "recommendation-actions": ("recommendation,text", ["R-{side},Draft a plan"]),
    "lessons": (
        "reference,kind,title,text,noted_on,project",
        ["L-{side},lesson,Something,Something was learned,2026-03-31,{side}/1"],
    ),
    "risks": (
        "reference,project,unit,cause,event,consequence,likelihood,impact,opened_on,review_on",
        [
            "K-{side},{side}/1,,Why,What,Then,2,2,2026-02-02,2026-12-01",
            "KU-{side},,{side},Why,What,Then,2,2,2026-02-02,2026-12-01",
        ],
    ),
    "results": ("project,result,type,indicator,measure", ["{side}/1,Enforced,output,Inspectors,unit"]),
    "documents": (
        "project,url,title,category,format",
        ["{side}/1,https://www.example.org/{side}.pdf,Report,A07,application/pdf"],
    ),
    "planned-payments": (
        "project,receiver,period_start,period_end,amount,currency,decided_on",
        ["{side}/1,NLD,2026-07-01,2026-12-31,40,USD,2026-01-15"],
    ),
    "delivery-notes": (
        "project,period,noted_on,problem,action,owner,due_on",
        ["{side}/1,2026,2026-07-10,Late,Order,Ana,2026-12-30"],
    ),
    "agreement-reports": ("agreement,kind,due_on", ["A-{side},financial,2027-01-31"]),
    "agreement-conditions": ("agreement,code,text", ["A-{side},1,Be audited"]),
    "allocations": (
        "project,fiscal_year,source,kind,decided_on,amount,currency",
        ["{side}/1,2026,A-{side},original,2026-01-01,5,USD"],
    ),
    "revisions": ("project,field,decided_on,value,reason", ["{side}/1,planned_end,2026-02-01,2028-12-31,Extended"]),
    "milestones": ("strategy,code,title,due_on,unit", ["Strategy {side},1.1,Clusters,2027-12-31,{side}"]),
    "delivery-targets": (
        "scope,code,period,decided_on,percent",
        ["unit,{side},2026,2026-01-15,80", "officer,off-{side},2026,2026-01-15,80"],
    ),
}

#: kind of table → columns, those of STANDING where it begins with +, → rows that touch another unit
OTHERS: dict[str, dict[str, list[str]]] = {
    "projects": {
        "code,title,status,unit": [
            "OTHER/1,Taken,implementation,OWN",
            "OWN/1,Given,implementation,OTHER",
            "NEW/1,New,pipeline,OTHER",
            "NEW/1,New,pipeline,-",
            "OWN/1,Nobody's,implementation,-",
        ],
        "code,title,status": [
            "OTHER/1,Taken,implementation",
            "NEW/1,New,pipeline",
        ],
        "code,title,status,officer": [
            "OTHER/1,Other OTHER/1,implementation,off-OWN",
        ],
    },
    "pools": {
        "code,title,unit": [
            "POOL-OTHER,Taken,OWN",
            "POOL-OWN,Given,OTHER",
        ],
        "code,title": [
            "POOL-NEW,New",
            "POOL-OTHER,Taken",
        ],
    },
    "units": {
        "code,name": [
            "OTHER,Renamed",
            "X,New",
        ],
        "code,name,head_email": [
            "OWN,Own,me@example.org",
        ],
    },
    "officers": {
        "+": [
            "off-OTHER,Somebody,me@example.org,OWN",
            "off-OWN,Somebody,OWN@example.org,OTHER",
            "off-NEW,New,new@example.org,OTHER",
        ],
    },
    "encumbrances": {
        "+": [
            "EN-OTHER,OWN/1,2026-02-01,40,USD",
            "EN-OWN,OTHER/1,2026-02-01,40,USD",
        ],
        "+,released_on": [
            "EN-OTHER,OTHER/1,2026-02-01,40,USD,2026-03-01",
        ],
    },
    "transactions": {
        "document,project,type,date,amount,currency,adjusts,reason": [
            "T-N,OTHER/1,expenditure,2026-01-31,-5,USD,T-OTHER,x",
        ],
        "document,project,type,date,amount,currency,agreement": [
            "T-N,OWN/1,expenditure,2026-01-31,5,USD,A-OTHER",
        ],
        "document,project,type,date,amount,currency,pool": [
            "T-N,OWN/1,incoming-funds,2026-01-31,5,USD,POOL-OTHER",
            "T-N,OWN/1,expenditure,2026-01-31,5,USD,POOL-OTHER",
        ],
        "document,project,type,date,amount,currency": [
            "T-N,POOL-OTHER,disbursement,2026-01-31,5,USD",
            "T-N,OTHER/1,expenditure,2026-01-31,0,USD",
        ],
    },
    "evaluations": {
        "+": [
            "E-OTHER,final,self,OWN/1,planned",
            "E-OWN,final,self,OWN/1|OTHER/1,planned",
        ],
        "reference,kind,independence,scope,status": [
            "E-NEW,thematic,self,institution,planned",
        ],
        "reference,kind,independence,scope,subject,status": [
            "E-NEW,thematic,self,unit,OTHER,planned",
        ],
        "reference,kind,independence,scope,country,status": [
            "E-NEW,thematic,self,country,KE,planned",
        ],
        "reference,kind,independence,projects,scope,subject,status": [
            "E-NEW,final,self,OWN/1,fund,POOL-OTHER,planned",
            "E-NEW,final,self,OWN/1,unit,OTHER,planned",
            "E-NEW,final,self,OWN/1,institution,,planned",
            "E-NEW,final,self,OWN/1,theme,Gender,planned",
            "E-NEW,final,self,OWN/1,flagship,OTHER/1,planned",
            "E-OWN,final,self,OWN/1,unit,OTHER,planned",
            "E-OWN,final,self,,unit,OTHER,planned",
            "E-OWN,final,self,,fund,POOL-OTHER,planned",
        ],
        "reference,kind,independence,status": [
            "E-OTHER,final,internal,planned",
        ],
    },
    "recommendations": {
        "+": [
            "R-OTHER,E-OWN,Do it",
            "R-OWN,E-OTHER,Do it",
        ],
        "reference,text": [
            "R-OTHER,Something else",
        ],
        "+,status": [
            "R-OTHER,E-OTHER,Do it,done",
        ],
    },
    "recommendation-actions": {
        "+": [
            "R-OTHER,Another plan",
        ],
        "+,done_on": [
            "R-OTHER,Draft a plan,2026-05-01",
        ],
    },
    "lessons": {
        "+": [
            "L-OTHER,lesson,Something,Other,2026-03-31,OWN/1",
            "L-OWN,lesson,Something,Other,2026-03-31,OTHER/1",
            "L-OTHER,lesson,Something,Other,2026-03-31,-",
        ],
        "reference,kind,title,text,noted_on,evaluation": [
            "L-NEW,lesson,Something,Other,2026-03-31,E-OTHER",
        ],
        "+,evaluation": [
            "L-NEW,lesson,S,Other,2026-03-31,OWN/1,E-OTHER",
        ],
    },
    "risks": {
        "+": [
            "K-OTHER,OWN/1,,Why,What,Then,2,2,2026-02-02,2026-12-01",
            "K-OWN,OTHER/1,,Why,What,Then,2,2,2026-02-02,2026-12-01",
            "KU-OTHER,,OWN,Why,What,Then,2,2,2026-02-02,2026-12-01",
            "KU-OTHER,OWN/1,-,Why,What,Then,2,2,2026-02-02,2026-12-01",
            "KU-OWN,,OTHER,Why,What,Then,2,2,2026-02-02,2026-12-01",
        ],
        "+,closed_on": [
            "K-OTHER,OTHER/1,,Why,What,Then,2,2,2026-02-02,2026-12-01,2026-06-01",
        ],
    },
    "results": {
        "+": [
            "OTHER/1,Another,output,Inspectors,unit",
        ],
        "+,note": [
            "OTHER/1,Enforced,output,Inspectors,unit,Mine",
        ],
    },
    "documents": {
        "+": [
            "OTHER/1,https://www.example.org/OTHER.pdf,Mine,A07,application/pdf",
            ",https://www.example.org/new.pdf,Ours,A07,application/pdf",
        ],
    },
    "planned-payments": {
        "+": [
            "OTHER/1,NLD,2026-07-01,2026-12-31,0,USD,2026-03-15",
        ],
        "+,receiver_activity": [
            "OTHER/1,NLD,2026-07-01,2026-12-31,40,USD,2026-01-15,XX-OWN-OWN-1",
        ],
    },
    "delivery-notes": {
        "+": [
            "OTHER/1,2026,2026-07-11,Late,Order,Ana,2026-12-30",
        ],
    },
    "agreement-reports": {
        "+,submitted_on": [
            "A-OTHER,financial,2027-01-31,2026-10-01",
        ],
        "+": [
            "A-BOTH,financial,2027-01-31",
        ],
    },
    "agreement-conditions": {
        "+": [
            "A-OTHER,1,Nothing",
            "A-BOTH,1,Nothing",
        ],
    },
    "agreement-repurposings": {
        "agreement,decided_on,reason,consent,earmarked_for": [
            "A-OTHER,2026-03-01,Agreed,pending,Theme: work",
            "A-BOTH,2026-03-01,Agreed,pending,Theme: work",
        ],
    },
    "allocations": {
        "+": [
            "OTHER/1,2026,A-OTHER,revised,2026-02-01,0,USD",
            "OWN/1,2026,A-OTHER,revised,2026-02-01,0,USD",
            "OTHER/1,2026,RB,original,2026-02-01,0,USD",
        ],
    },
    "funding-shares": {
        "agreement,project,percent": [
            "A-OTHER,OWN/1,0",
            "A-OWN,OTHER/1,0",
            "A-BOTH,OWN/1,0",
        ],
    },
    "revisions": {
        "+": [
            "OTHER/1,planned_end,2026-03-01,2026-12-31,Mine",
            "OTHER/1,officer,2026-03-01,off-OWN,Mine",
        ],
    },
    "milestones": {
        "+": [
            "Strategy OTHER,1.1,Clusters,2027-12-31,OWN",
            "Strategy OWN,1.1,Clusters,2027-12-31,OTHER",
        ],
        "strategy,code,title,due_on": [
            "Strategy NEW,1.1,Clusters,2027-12-31",
        ],
    },
    "delivery-targets": {
        "+": [
            "unit,OTHER,2026,2026-02-15,10",
            "officer,off-OTHER,2026,2026-02-15,10",
        ],
    },
    "corrections": {
        "project,path,value": [
            "OTHER/1,title/narrative[1],Mine",
        ],
    },
}

_REFUSED = ("an administrator may", "does not carry the right to administer")
_OF_ADMINISTRATORS = frozenset({"officers"})


def _send(database: Database, actor: Actor, name: str, head: str, row: str, folder: Path) -> list[str]:
    path = folder / f"{name}.csv"
    path.write_text(f"{head}\n{row}\n", encoding="utf-8")
    return [
        f"{fault.column}: {fault.message}"
        for fault in import_table(database, actor, kind(name), path, today=TODAY).faults
    ]


def stand(database: Database, folder: Path) -> Actor:
    use_codelists(portfolio.known)
    own = filled(database, fill)
    for name, (head, rows) in STANDING.items():
        for side in ("OWN", "OTHER"):
            for row in rows:
                assert _send(database, LOCAL, name, head, row.format(side=side), folder) == [], (name, row)
    return Actor(name="bela", role=Role.OFFICER, unit_id=own)


def test_no_table_takes_over_what_another_unit_has(database: Database, tmp_path: Path) -> None:
    actor = stand(database, tmp_path)
    tried = [
        (name, f"{STANDING[name][0]}{head[1:]}" if head.startswith("+") else head, row)
        for name, tables in OTHERS.items()
        for head, rows in tables.items()
        for row in rows
    ]
    told = {(name, row): _send(database, actor, name, head, row, tmp_path) for name, head, row in tried}
    taken = {each: told[each] for each in told if not any(why in one for one in told[each] for why in _REFUSED)}
    assert taken == {}
    # the same table about the own unit's record is taken as it stands
    for name, (head, rows) in STANDING.items():
        for row in rows:
            found = _send(database, actor, name, head, row.format(side="OWN"), tmp_path)
            assert found == [] or name in _OF_ADMINISTRATORS, (name, row, found)
