"""Benchmarks: ``make bench``. Ratios are taken within one run, because machines differ and drift."""
