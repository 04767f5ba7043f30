"""The rules of the field as pure functions: standard library only, no session, no clock, no input or output.

Time is an argument, faults in user data are values (:class:`app.domain.findings.Finding`), programmer faults raise.
"""
