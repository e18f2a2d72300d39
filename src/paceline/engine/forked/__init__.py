"""Workers forked from one process: their queues, what they send, how they end; knows no pytest."""
