"""How many tokens a text may cost, where the runtime cannot count them."""

from __future__ import annotations

import math
from typing import Final

# Measured on R1's tokenizers (Qwen2's and Llama 3's byte-level BPE): source code takes about 3.3
# ASCII characters a token, Chinese up to one token a character.
_ASCII_PER_TOKEN: Final = 3.0
_OTHER_PER_TOKEN: Final = 1.0


def estimate_tokens(text: str) -> int:
    """Return a number of tokens that ``text`` rarely exceeds."""
    ascii_count = len(text) if text.isascii() else sum(char.isascii() for char in text)
    other = len(text) - ascii_count
    return math.ceil(ascii_count / _ASCII_PER_TOKEN + other / _OTHER_PER_TOKEN)
