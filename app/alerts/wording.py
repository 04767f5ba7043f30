"""What a mail says of alerts, in the language of whoever gets it: its lines, and the subject that people see first."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.alerts.queries_told import Told
from app.alerts.rows import Alerted
from app.alerts.standing import Standing
from app.domain.alike import gathered
from app.language.i18n import Words
from app.language.marking import mark
from app.language.reasons import reason_in_words

DIGEST, ESCALATION, REMINDER = "digest", "escalation", "reminder"
#: reader of a digest can act on so many lines; the rest is counted
MOST_LINES = 200
#: of those told as one line, so many are told one by one; the rest is counted
MOST_ALIKE = 20
#: what is said of one duty is said for the strongest of these reasons
STRENGTH = {ESCALATION: 2, REMINDER: 1, DIGEST: 0}
_NAMED = 3
#: what lines are about, where it is not evaluations
_TOPICS = {"duty": mark("Agreements: "), "delivery": mark("Delivery: "), "risk": mark("Risks: ")}
_DUE, _OVERDUE = mark("%(ask)s (%(noun)s due %(due)s)"), mark("%(ask)s (%(noun)s overdue since %(due)s)")
#: of tasks of one project and kind, as My work says it
SEVERAL_OF_THEM = mark("%(kind)s: %(n)s of them, the last one due %(day)s")
_LEADS = {ESCALATION: mark("No step taken yet: "), REMINDER: mark("Reminder: ")}


def reason_of(purpose: str) -> str:
    """Which of the three reasons a purpose is: digest | escalation | reminder."""
    return purpose.partition("-")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What a message tells of an alert."""

    told: Told
    standing: Standing

    @property
    def alert(self) -> Alerted:
        return self.told.alert

    @property
    def purpose(self) -> str:
        return reason_of(self.told.purpose)

    @property
    def order(self) -> tuple[dt.date, int, int]:
        """Of two lines about one duty the greater is said."""
        return self.alert.rung_on, self.alert.id, STRENGTH[self.purpose]


def mail(lines: Sequence[Line], name: str, address: str, as_of: dt.date, words: Words) -> dict[str, object]:
    """What the templates are filled with, in the language of whoever gets it."""
    told = gathered(lines, _kind_of)
    return {
        "language": words.language,
        "purpose": lines[0].purpose,
        "name": name,
        "as_of": as_of.isoformat(),
        "lines": [_line(alike, address, words) for alike in told[:MOST_LINES]],
        "more": sum(map(len, told[MOST_LINES:])),
        "list": f"{address}/alerts",
    }


def _kind_of(line: Line) -> tuple[str, ...] | None:
    """What lines have in common that are told as one: what is to be done among it, for it is said of all at once."""
    standing = line.standing
    return (line.purpose, line.alert.project or "", standing.kind, standing.ask) if standing.kind else None


def _line(alike: Sequence[Line], address: str, words: Words) -> dict[str, object]:
    """What is told of an alert, or of several of one project and kind, of which the first is due first."""
    first = alike[0]
    standing = first.standing
    found: dict[str, object] = {
        "purpose": first.purpose,
        "alert": first.alert.id,
        "project": first.alert.project,
        "title": first.alert.project_title,
        "due": first.alert.due_on.isoformat(),
        "overdue": standing.overdue,
        "rung": first.alert.rung,
        "text": " ".join(words.said(each) for each in standing.sentences),
        "why": reason_in_words(standing.why, words),
        "url": f"{address}/{standing.page}",
    }
    if len(alike) == 1:
        return found
    kind, last = words.said(standing.kind), max(line.alert.due_on for line in alike)
    sum_of_all = words.gettext(SEVERAL_OF_THEM) % {
        "kind": kind[:1].upper() + kind[1:], "n": words.number(len(alike)), "day": words.day(last),
    }  # fmt: skip
    return found | {
        "text": f"{words.said(standing.ask)} {sum_of_all}.",
        # of each another reason
        "why": "",
        "alike": [_entry(line, address, words) for line in alike[:MOST_ALIKE]],
        "further": max(len(alike) - MOST_ALIKE, 0),
    }


def _entry(line: Line, address: str, words: Words) -> dict[str, object]:
    return {
        "alert": line.alert.id,
        "due": line.alert.due_on.isoformat(),
        "text": _of_many(line, words),
        "about": " ".join(words.said(each) for each in line.standing.about),
        "url": f"{address}/{line.standing.page}",
    }


def _of_many(line: Line, words: Words) -> str:
    late = f" ({words.word('overdue').lower()})" if line.standing.overdue else ""
    return f"{words.said(line.standing.noun)}{words.colon} {words.day(line.alert.due_on)}{late}"


def subject_of(lines: Sequence[Line], words: Words) -> str:
    """The line that people see first: what is to be done and by when, or how much of it, where."""
    first, count, say = lines[0], len(lines), words.gettext
    lead = say(_LEADS[first.purpose]) if first.purpose in _LEADS else ""
    if count == 1:
        standing = first.standing
        where = f"{first.alert.project}: " if first.alert.project else ""
        when = _OVERDUE if standing.overdue else _DUE
        ask = words.said(standing.ask).rstrip(".")
        return f"{lead}{where}" + say(when) % {
            "ask": ask, "noun": words.said(standing.noun), "due": words.day(standing.due),
        }  # fmt: skip
    late = sum(line.standing.overdue for line in lines)
    projects = list(dict.fromkeys(line.alert.project for line in lines if line.alert.project))
    where = ", ".join(projects[:_NAMED])
    if len(projects) > _NAMED:
        where = say("%(projects)s and %(number)s more") % {
            "projects": where, "number": words.number(len(projects) - _NAMED),
        }  # fmt: skip
    steps = words.ngettext("%(num)s step to take", "%(num)s steps to take", count) % {"num": words.number(count)}
    overdue = words.ngettext(", %(num)s overdue", ", %(num)s overdue", late) % {"num": words.number(late)}
    topics = {_TOPICS.get(line.alert.subject_kind, mark("Evaluations: ")) for line in lines}
    topic = say(topics.pop()) if len(topics) == 1 else ""
    return f"{lead or topic}{steps}{overdue if late else ''}{f': {where}' if where else ''}"
