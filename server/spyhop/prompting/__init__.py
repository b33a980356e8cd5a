"""Floor 2: a template, its values and a token budget make a prompt. Knows R1's rules."""
