"""Floor 3: what is remembered of edits, completions and chats, as state machines without I/O."""
