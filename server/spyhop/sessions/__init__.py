"""Floor 3: what is remembered of edits. Pure state machines: no waiting, no files, no editor."""
