"""Small line charts as SVG, for pages that fetch nothing: steps over time, and curves over shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 240, 52, 18, 34, 40
INK, GRID, FRAME = "#1d2733", "#e1e7ee", "#5b6b7c"
COLOURS = ("#1f5fa8", "#b4531b", "#3d7a3d", "#7a4b9a")


@dataclass(frozen=True)
class Series:
    """One line: its name and its points (x, y), x rising."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


def step_chart(title: str, points: Sequence[tuple[date, float]], unit: str) -> str:
    """A count that rises on days and stays between them."""
    days = [(float(day.toordinal()), value) for day, value in points]
    steps: list[tuple[float, float]] = []
    for at, (day, value) in enumerate(days):
        if at:
            steps.append((day, days[at - 1][1]))
        steps.append((day, value))
    return line_chart(title, [Series(unit, steps)], x_label="", y_label=unit, x_tick=_day, legend=False)


def line_chart(  # noqa: PLR0913 - each is a part of the picture
    title: str,
    series: Sequence[Series],
    *,
    x_label: str,
    y_label: str,
    x_tick: Callable[[float], str] = lambda x: f"{x:g}",
    y_tick: Callable[[float], str] = lambda y: f"{y:g}",
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    legend: bool = True,
) -> str:
    """Lines over a common grid; the picture has a title for screen readers."""
    xs = [x for line in series for x, _ in line.points] or [0.0, 1.0]
    ys = [y for line in series for _, y in line.points] or [0.0, 1.0]
    left, right = x_range or (min(xs), max(xs))
    low, high = y_range or (0.0, _rounded_up(max(ys)))
    right, high = max(right, left + 1e-9), max(high, low + 1e-9)

    def place(x: float, y: float) -> str:
        across = LEFT + (x - left) / (right - left) * (WIDTH - LEFT - RIGHT)
        down = TOP + (1 - (y - low) / (high - low)) * (HEIGHT - TOP - BOTTOM)
        return f"{across:.1f} {down:.1f}"

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'font-family="Helvetica, Arial, sans-serif" font-size="11" fill="{INK}">'
        ),
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="18" font-size="13" font-weight="600">{escape(title)}</text>',
    ]
    for at in range(5):
        y = low + (high - low) * at / 4
        start, down = place(left, y).split()
        parts.append(
            f'<path d="M{start} {down}H{WIDTH - RIGHT}" stroke="{GRID}"/>'
            f'<text x="{LEFT - 6}" y="{float(down) + 4:.1f}" text-anchor="end">{escape(y_tick(y))}</text>'
        )
    for at in range(5):
        x = left + (right - left) * at / 4
        anchor = "end" if at == 4 else ("start" if at == 0 else "middle")
        parts.append(
            f'<text x="{place(x, low).split()[0]}" y="{HEIGHT - BOTTOM + 16}" text-anchor="{anchor}" '
            f'fill="{FRAME}">{escape(x_tick(x))}</text>'
        )
    for at, line in enumerate(series):
        colour = COLOURS[at % len(COLOURS)]
        dash = ' stroke-dasharray="5 4"' if line.dashed else ""
        path = "L".join(place(x, y) for x, y in line.points)
        if path:
            parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        if len(line.points) == 1:
            across, down = place(*line.points[0]).split()
            parts.append(f'<circle cx="{across}" cy="{down}" r="3" fill="{colour}"/>')
        if legend:
            y = TOP + 14 + 16 * at
            parts.append(
                f'<path d="M{WIDTH - 150} {y - 4}h22" stroke="{colour}" stroke-width="2"{dash}/>'
                f'<text x="{WIDTH - 122}" y="{y}">{escape(line.name)}</text>'
            )
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x_label)}</text>'
        f'<text transform="translate(12 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(y_label)}</text></svg>'
    )
    return "\n".join(parts) + "\n"


def _rounded_up(value: float) -> float:
    """The next number that makes four even steps: 4, 8, 20, 40, 80, 200, ..."""
    scale = 1.0
    while True:
        for step in (4, 8, 12, 20, 28):
            if value <= step * scale:
                return step * scale
        scale *= 10


def _day(ordinal: float) -> str:
    return date.fromordinal(round(ordinal)).strftime("%b %Y")
