"""Floor 1: code read with tree-sitter. Text in, values out; broken code is read as far as it goes.

Offsets count code points of the text, as everywhere in Spyhop.
"""
