"""From labelled messages to the artifact that serving loads: corpora, splits, fitting, evaluation, cards.

Nothing in ``triage`` imports this package; the artifact folder is all that passes between them.
"""
