"""Which evaluations a project owes, when and why; what changes when its facts change; which alerts are due.

``policy`` holds the rules as data, ``facts`` and ``records`` the values that go in and come out, ``dates`` the
computation of dates, ``obligations`` the union of the rules, ``states`` the state on a day, ``changes`` the
recomputation, ``alerts`` the ladder, ``checks`` and ``compare`` the judgement of policies, ``followup`` the
recommendations.
"""
