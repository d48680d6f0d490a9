"""The connection to X at work: reading, taking in, counting calls, taking notes."""
