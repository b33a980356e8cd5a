"""Ollama: the model that it runs (`client`), and the models that it has (`library`, `names`)."""

from spyhop.models.ollama.client import Ollama

__all__ = ["Ollama"]
