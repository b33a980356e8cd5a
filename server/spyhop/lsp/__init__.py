"""Floor 5: the one room with pygls and lsprotocol."""
