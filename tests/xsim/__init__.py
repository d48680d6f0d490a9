"""A stand-in for X: its API v2 over HTTP, with faults that a test switches on. It imports nothing of the product."""
