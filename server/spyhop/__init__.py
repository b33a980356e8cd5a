"""A coding assistant for every editor that runs on your own machine with DeepSeek-R1."""

__version__ = "0.1.0"
