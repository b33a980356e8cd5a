"""Answers that leave lines out ("… rest unchanged …"): where they do, and which lines those are."""
