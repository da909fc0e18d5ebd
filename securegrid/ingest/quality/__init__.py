"""What data must have to be useful to others: a profile, rules, findings and a score.

``checking.check`` looks drafts over before they are published, ``reporting.report`` counts what it
found into a ``Score``, and ``looking.look_over_misp`` does the same with what a MISP holds.
"""
