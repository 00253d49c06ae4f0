"""The few icons that states and buttons wear: 16 by 16, one stroke, coloured by the text around them."""

from __future__ import annotations

PATHS = {
    "box": "M2 5l6-3 6 3v6l-6 3-6-3zM2 5l6 3 6-3M8 8v6",
    "check": "M3 8.5l3.5 3.5L13 4.5",
    "clock": "M8 2a6 6 0 100 12A6 6 0 008 2zM8 5v3.5l2.5 1.5",
    "cross": "M4 4l8 8M12 4l-8 8",
    "eye": "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 100-4 2 2 0 000 4z",
    "question": "M5.5 6a2.5 2.5 0 114 2c-1 .7-1.5 1.1-1.5 2M8 13v.01",
    "truck": (
        "M1 4h8v7H1zM9 6.5h3.5L15 9v2H9zM4 13a1.2 1.2 0 100"
        "-2.4A1.2 1.2 0 004 13zM12 13a1.2 1.2 0 100-2.4 1.2 1.2 0 000 2.4z"
    ),
}


def svg(name: str) -> str:
    return (
        '<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.6" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{PATHS[name]}"/></svg>'
    )
