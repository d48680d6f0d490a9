"""The use cases. Each public function is one transaction, or says why it is more."""
