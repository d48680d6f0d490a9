"""X: the only place that knows tweepy, and how X names things."""
