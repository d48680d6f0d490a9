"""The connection to X, soaked: tens of thousands of messages, every fault at random, processes killed at random."""
