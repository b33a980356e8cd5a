"""Fractions as pairs of whole numbers."""


def gcd(a: int, b: int) -> int:
    raise NotImplementedError


def reduce(numerator: int, denominator: int) -> tuple[int, int]:
    """Return the fraction in its lowest terms."""
    divisor = gcd(numerator, denominator)
    return numerator // divisor, denominator // divisor
