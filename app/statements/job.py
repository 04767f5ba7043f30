"""The job ``delivery-statements``: last month's statement, and last year's, each made once.

The rooms of reports are loaded when it runs: the timetable names it beside jobs that need none of them.
"""

from app.work import Result, Work


def delivery_statements(work: Work) -> Result:
    """Makes what is due and was not made yet; a second run, or a second worker, makes nothing."""
    from app.statements import service

    with work.database.write(work.worker) as session:
        work.held.guard(session)
        made = service.make_due(session, as_of=work.as_of, actor=work.worker)
        listed = [{"period": each.period, "as_of": each.as_of.isoformat(), "rate": each.rate} for each in made]
    return Result(content={"recorded": listed}, summary={"made": [each["period"] for each in listed]})
