"""Text as such: what is accepted, its normalised form, its language, its length on X."""
