"""The outside: JSON API, agent desk, command line, and the one place where everything is put together."""
