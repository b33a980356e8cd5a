"""Floor 0: text in, values out. Never waits, never reads a file, never fails on any input."""
