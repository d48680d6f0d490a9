"""Ways in and out. A channel hands in messages and takes replies; nothing else knows it."""
