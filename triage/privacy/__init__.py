"""Personal data: found on the raw text, weighed, masked, and kept out of what is said in public."""
