"""Where work goes: queues, and the order inside them."""
