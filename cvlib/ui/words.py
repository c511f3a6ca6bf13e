"""Numbers and times in words, the same everywhere."""


def percent(share: float) -> str:
    """`0.9876` -> `98.8 %`: three significant digits."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 99.95 else f"{value:.3g} %"


def seconds(value: float) -> str:
    """`3.21` -> `3.2 s`, `75` -> `1 min 15 s`."""
    if value < 9.95:
        return f"{value:.1f} s"
    if value < 59.5:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s"


def count(number: int, noun: str) -> str:
    """`1, "picture"` -> `1 picture`, `1200, "picture"` -> `1,200 pictures`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def bounded_accuracy(correct: float, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927).

    Args:
        correct: how many of `total` were right; a mean of several tests may lie between whole numbers.
        total: at least 1.
    """
    z = 1.96
    share, factor = correct / total, z * z / total
    middle = (share + factor / 2) / (1 + factor)
    half = z / (1 + factor) * (share * (1 - share) / total + factor / (4 * total)) ** 0.5
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))
