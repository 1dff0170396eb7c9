"""The published formulas that the tokens are measured with: WCAG 2 contrast, CIELAB, colour vision deficiency."""

from __future__ import annotations

from typing import Final

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
DEFICIENCIES: Final[dict[str, Matrix]] = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}

# IEC 61966-2-1, D65.
_TO_XYZ: Final[Matrix] = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)


def linear(value: str) -> Triple:
    """The linear RGB of `#RRGGBB`, each 0..1."""
    channels = [int(value[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def _times(matrix: Matrix, vector: Triple) -> Triple:
    first, second, third = (sum(cell * part for cell, part in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def contrast(first: str, second: str) -> float:
    """The WCAG 2 contrast ratio of two colours, 1..21."""
    bright, dim = sorted((_times(_TO_XYZ, linear(value))[1] for value in (first, second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def lab(value: str, deficiency: str = "normal") -> Triple:
    """The CIELAB of a colour as somebody with a deficiency sees it."""
    seen = _times(DEFICIENCIES[deficiency], linear(value))
    x, y, z = _times(_TO_XYZ, tuple(min(max(part, 0.0), 1.0) for part in seen))  # type: ignore[arg-type]
    white = _times(_TO_XYZ, (1.0, 1.0, 1.0))

    def f(share: float) -> float:
        return share ** (1 / 3) if share > 216 / 24389 else (24389 / 27 * share + 16) / 116

    fx, fy, fz = f(x / white[0]), f(y / white[1]), f(z / white[2])
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def distance(first: str, second: str, deficiency: str = "normal") -> float:
    """The CIELAB distance (ΔE*ab 1976) of two colours as somebody with a deficiency sees them."""
    a, b = lab(first, deficiency), lab(second, deficiency)
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
