"""OpenAI's API, as runtimes and clouds speak it."""

from spyhop.models.openai.client import OpenAi

__all__ = ["OpenAi"]
