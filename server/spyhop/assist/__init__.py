"""Floor 4: the use cases. They pump a model's output through core into a session."""
