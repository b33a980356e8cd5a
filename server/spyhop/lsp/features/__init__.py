"""One file a feature. A handler takes what it needs, calls a floor below, converts the result."""
