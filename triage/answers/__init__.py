"""Answers: the knowledge base, and finding the snippet that answers a message."""
