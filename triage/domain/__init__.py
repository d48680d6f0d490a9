"""The product's vocabulary: frozen values and the legal moves between states. No I/O."""
