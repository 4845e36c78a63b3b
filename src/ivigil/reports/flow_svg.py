"""The flow diagram as SVG: PRISMA 2020 for updated reviews, with what a living review still has to do beside it."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from ivigil.reports.flow import Count, PrismaFlow
from ivigil.reports.wording import source_title, verdict_words

SIZE, LINE, PADDING = 13, 18, 12
CHARACTER = 6.7
"""Mean width of a character at this size in a sans-serif face, in pixels; wrapping leaves a margin for wide ones."""
COLUMNS = {"previous": (60, 230), "main": (330, 290), "side": (660, 290), "other": (990, 250)}
WIDTH, GAP, TOP, HEADER = 1260, 38, 24, 40
INK, FRAME, FILL, BAND = "#1d2733", "#5b6b7c", "#ffffff", "#e8eef4"


@dataclass(frozen=True)
class Box:
    """A box of lines in a column; `dashed` for what is PRISMA's own diagram does not have: work still to do."""

    column: str
    lines: tuple[tuple[str, bool], ...]
    dashed: bool = False
    y: float = 0

    @property
    def x(self) -> float:
        """Left edge."""
        return COLUMNS[self.column][0]

    @property
    def width(self) -> float:
        """In pixels."""
        return COLUMNS[self.column][1]

    @property
    def height(self) -> float:
        """In pixels, as the lines need."""
        return len(self.lines) * LINE + 2 * PADDING - 4

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Horizontal centre."""
        return self.x + self.width / 2


def flow_svg(flow: PrismaFlow) -> str:
    """The diagram, light on white so that it can be printed; every number in it is a field of `flow`."""
    rows = _rows(flow)
    y = float(TOP + HEADER + 16)
    placed: list[dict[str, Box]] = []
    for row in rows:
        here = {box.column: replace(box, y=y) for box in row}
        placed.append(here)
        y = max(box.bottom for box in here.values()) + GAP
    height = y - GAP + TOP + 34
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
            f'height="{height:.0f}" role="img" aria-labelledby="flow-title flow-text" '
            f'font-family="Helvetica, Arial, sans-serif" font-size="{SIZE}" fill="{INK}">'
        ),
        f'<title id="flow-title">PRISMA 2020 flow diagram: {escape(flow.title)}, as of {flow.as_of}</title>',
        f'<desc id="flow-text">{escape(flow_sentence(flow))}</desc>',
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>',
        (
            f'<defs><marker id="flow-tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            f'orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="{FRAME}"/></marker></defs>'
        ),
        *_headers(),
        *_bands(placed),
        *(_drawn(box) for row in placed for box in row.values()),
        *_arrows(placed),
        (
            f'<text x="{COLUMNS["previous"][0]}" y="{height - 14:.0f}" font-size="11" fill="{FRAME}">'
            f"After Page et al., BMJ 2021;372:n71, for updated reviews. Search to {flow.cutoff} before, to "
            f"{flow.as_of} since. Dashed: work that a living review still has before it. "
            f"No record is excluded by automation.</text>"
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def flow_sentence(flow: PrismaFlow) -> str:
    """The diagram in words, for those who cannot see it."""
    before = f"{flow.previous.studies} studies" if flow.previous.studies is not None else "the studies"
    return (
        f"Beside {before} of the previous version, {flow.identified} records were identified since {flow.cutoff}. "
        f"{flow.duplicates + flow.held_before + flow.withdrawn} were removed before screening; {flow.screened} reports "
        f"were screened, {flow.excluded} excluded, {flow.sought} sought in full text and {flow.assessed} assessed. "
        f"{flow.new_studies} new studies in {flow.new_reports} reports were included. "
        f"{flow.awaiting_screening} reports await screening, {flow.awaiting_full_text} their full text."
    )


def _rows(flow: PrismaFlow) -> list[list[Box]]:
    before = flow.previous
    found = [*_section("Databases", flow.databases), *_section("Registers", flow.registers)]
    removed = [
        f"Duplicate records (n = {flow.duplicates})",
        f"Reports already screened for the previous version (n = {flow.held_before})",
        f"Marked as ineligible by automation tools (n = {flow.automation_excluded})",
        f"Withdrawn by their source (n = {flow.withdrawn})",
    ]
    waiting = [f"{verdict_words(count.name)} (n = {count.count})" for count in flow.awaiting_by_verdict]
    reasons = [f"{count.name} (n = {count.count})" for count in flow.excluded_full_text]
    citations = [f"{source_title(count.name)} (n = {count.count})" for count in flow.citations] or ["None (n = 0)"]
    patients = "" if flow.total_patients is None else f"Patients (n = {flow.total_patients})"
    total = "not published" if flow.total_studies is None else f"n = {flow.total_studies}"
    return [
        [
            _box(
                "previous",
                f"Studies included in previous version ({_known(before.studies)})",
                f"Patients ({_known(before.patients)})",
                f"Reports of included studies held here (n = {before.reports})",
            ),
            _box("main", "Records identified from:", *(found or ["No search since (n = 0)"])),
            _box("side", "Records removed before screening:", *removed),
            _box("other", "Records identified from citation searching:", *citations),
        ],
        [
            _box("main", f"Reports screened (n = {flow.screened})"),
            _box(
                "side",
                f"Reports excluded (n = {flow.excluded})",
                f"By a person (n = {flow.excluded})",
                "By automation (n = 0)",
            ),
            _box("other", f"Await screening (n = {flow.awaiting_screening})", *waiting, dashed=True),
        ],
        [
            _box("main", f"Reports sought for retrieval (n = {flow.sought})"),
            _box("side", f"Reports not retrieved (n = {flow.not_retrieved})"),
            _box("other", f"Await their full text (n = {flow.awaiting_full_text})", dashed=True),
        ],
        [
            _box("main", f"Reports assessed for eligibility (n = {flow.assessed})"),
            _box("side", f"Reports excluded (n = {flow.full_text_excluded})", *reasons),
        ],
        [
            _box(
                "main",
                f"New studies included in review (n = {flow.new_studies})",
                f"Reports of new included studies (n = {flow.new_reports})",
                f"Patients treated, as read (n = {flow.new_patients})",
            )
        ],
        [
            _box(
                "main",
                f"Total studies included in review ({total})",
                f"Reports of total included studies (n = {flow.total_reports})",
                *([patients] if patients else []),
            )
        ],
    ]


def _known(number: int | None) -> str:
    return "not published" if number is None else f"n = {number}"


def _section(name: str, counts: Sequence[Count]) -> Iterable[str]:
    if counts:
        yield f"{name} (n = {sum(count.count for count in counts)})"
        for count in counts:
            yield f"  {source_title(count.name)} (n = {count.count})"


def _box(column: str, head: str, *lines: str, dashed: bool = False) -> Box:
    width = int((COLUMNS[column][1] - 2 * PADDING) / CHARACTER)
    wrapped = [(part, True) for part in _wrap(head, width - 2, "", "")]
    for line in lines:
        indent = "  " if line.startswith("  ") else ""
        wrapped += [(part, False) for part in _wrap(line.strip(), width, indent, indent + "  ")]
    return Box(column, tuple(wrapped), dashed)


def _wrap(text: str, width: int, first: str, later: str) -> list[str]:
    """Lines of at most so many characters; "n = 12" stays on one."""
    whole = text.replace("n = ", "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
    lines = textwrap.wrap(whole, width, initial_indent=first, subsequent_indent=later)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _drawn(box: Box) -> str:
    dash = ' stroke-dasharray="5 4"' if box.dashed else ""
    lines = []
    for at, (text, bold) in enumerate(box.lines):
        indent = 10 * ((len(text) - len(text.lstrip())) // 2)
        weight = ' font-weight="600"' if bold else ""
        y = box.y + PADDING + LINE * at + SIZE - 2
        lines.append(f'<text x="{box.x + PADDING + indent}" y="{y:.0f}"{weight}>{escape(text.strip())}</text>')
    return (
        f'<g><rect x="{box.x}" y="{box.y:.0f}" width="{box.width}" height="{box.height:.0f}" rx="3" fill="{FILL}" '
        f'stroke="{FRAME}"{dash}/>{"".join(lines)}</g>'
    )


def _headers() -> list[str]:
    titles = (
        ("previous", "previous", "Previous studies"),
        ("main", "side", "New studies via databases and registers"),
        ("other", "other", "New studies via other methods"),
    )
    parts = []
    for first, last, title in titles:
        left, right = COLUMNS[first][0], COLUMNS[last][0] + COLUMNS[last][1]
        parts.append(
            f'<rect x="{left}" y="{TOP}" width="{right - left}" height="{HEADER - 6}" rx="3" fill="{BAND}"/>'
            f'<text x="{(left + right) / 2}" y="{TOP + 22}" text-anchor="middle" font-weight="600">{title}</text>'
        )
    return parts


def _bands(placed: Sequence[dict[str, Box]]) -> list[str]:
    spans = (("Identification", 0, 0), ("Screening", 1, 3), ("Included", 4, 5))
    parts = []
    for name, first, last in spans:
        top = min(box.y for box in placed[first].values())
        bottom = max(box.bottom for box in placed[last].values())
        middle = (top + bottom) / 2
        parts.append(
            f'<rect x="16" y="{top:.0f}" width="28" height="{bottom - top:.0f}" rx="3" fill="{BAND}"/>'
            f'<text transform="translate(35 {middle:.0f}) rotate(-90)" text-anchor="middle" '
            f'font-weight="600">{name}</text>'
        )
    return parts


def _arrows(placed: Sequence[dict[str, Box]]) -> list[str]:
    paths = []
    for upper, lower in itertools.pairwise(placed):
        paths.append(f"M{upper['main'].middle} {upper['main'].bottom:.0f}V{lower['main'].y - 2:.0f}")
    for row in placed:
        if "side" in row:
            level = row["main"].y + min(row["main"].height, row["side"].height) / 2
            paths.append(f"M{row['main'].x + row['main'].width} {level:.0f}H{row['side'].x - 2}")
    previous, total = placed[0]["previous"], placed[-1]["main"]
    paths.append(f"M{previous.middle} {previous.bottom:.0f}V{total.y + total.height / 2:.0f}H{total.x - 2}")
    other, screened = placed[0]["other"], placed[1]["main"]
    level = screened.y - GAP / 2 + 4
    paths.append(f"M{other.middle} {other.bottom:.0f}V{level:.0f}H{screened.middle + 1}")
    return [f'<path d="{path}" fill="none" stroke="{FRAME}" marker-end="url(#flow-tip)"/>' for path in paths]
