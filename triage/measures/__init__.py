"""Figures, read from the event log alone. Nothing here writes."""
