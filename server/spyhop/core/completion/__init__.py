"""What a completion shows: from a model's raw output at a caret to the text that is put there."""
