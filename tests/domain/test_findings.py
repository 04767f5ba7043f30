from app.domain.findings import Finding, Severity, refused


def finding(severity: Severity) -> Finding:
    return Finding(rule="project.rule", severity=severity, subject="P", message="mend it")


def test_critical_and_error_refuse_and_the_others_do_not() -> None:
    assert {severity for severity in Severity if refused([finding(severity)])} == {Severity.CRITICAL, Severity.ERROR}


def test_one_grave_finding_among_others_refuses_and_none_does_not() -> None:
    assert refused((finding(Severity.ADVISORY), finding(Severity.ERROR)))
    assert not refused(())
