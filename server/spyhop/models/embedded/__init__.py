"""The embedded engine: llama.cpp, through xllamacpp, on any GGUF file.

It runs in a process of its own, which a bad file, a full memory or a fault of the engine's ends
without taking Spyhop along. It is asked over HTTP as any llama.cpp server is.
"""

from spyhop.models.embedded.model import Embedded

__all__ = ["Embedded"]
