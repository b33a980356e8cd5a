"""`spyhop doctor`: what is wrong between Spyhop and its models, told check by check."""
