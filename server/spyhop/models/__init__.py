"""Floor 3: the one room that speaks to a model. Each runtime is one file behind one port."""
