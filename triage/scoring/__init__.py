"""The four judgements: from a text to calibrated, explained labels. Fitting is in ``training``."""
