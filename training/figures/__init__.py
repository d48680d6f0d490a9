"""Measures of the shipped model and of the code that fits it, each against a floor and an aim.

``python -m training figures`` runs them. A measure is a module here with a pure function; which there are is said
in :mod:`training.figures.measures`, how they are shown in :mod:`training.figures.page`. Nothing that is fitted
here is ever shipped.
"""
