"""What targets come to, as text (rule 12)."""

from uptime.printing.rounding import NOT_AVAILABLE


def text_of_burn_rate(hundredths: int) -> str:
    """Return a burn rate with two decimals; n/a if there is none."""
    return NOT_AVAILABLE if hundredths < 0 else f"{hundredths // 100}.{hundredths % 100:02d}"
