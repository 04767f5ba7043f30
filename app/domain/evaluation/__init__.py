"""Which evaluations a project owes, when and why; what changes when its facts change; which alerts are due.

Values: ``terms`` (closed lists), ``policy`` (rules as data), ``facts`` (what goes in and comes out), ``records``
(obligations as kept, and changes to them).

Rules: ``rulebook`` finds the policy and the clauses, ``conditions`` judges one rule, ``dates`` computes days and
``words`` the sentences; ``obligations`` unites all that into what is owed; ``states`` tells the state on a day,
``changes`` what a recomputation makes of it, ``alerts`` the ladder, ``coverage`` the shares, ``followup`` the
recommendations; ``checks`` and ``compare`` judge policies themselves.
"""
