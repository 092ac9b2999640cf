"""The picture of the six steps that every notebook begins with."""

from __future__ import annotations

from ragkit.notice import BadParameter
from ragkit.show.display import BLUE

_STEPS = [
    ("PDF", "pages"), ("chunk", "chunks"), ("embed", "embeddings"),
    ("search", "hits"), ("prompt", "messages"), ("generate", "answer"),
]  # fmt: skip


def pipeline_svg(step: int) -> str:
    """Draw the six steps of the course as SVG, with one of them lit.

    Parameters
    ----------
    step : int
        1 (PDF) to 6 (generate); 0 lights none.

    Raises
    ------
    BadParameter
        If there is no such step.
    """
    if step not in range(7):
        raise BadParameter(f"step {step!r} does not exist: give 1 (PDF) to 6 (generate), or 0 to light none")
    lit = f"step {step}, {_STEPS[step - 1][0]}, is lit" if step else "no step is lit"
    flow = ", then ".join(f"{name} gives {product}" for name, product in _STEPS)
    boxes = "\n".join(_svg_step(number, step) for number in range(1, 7))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 150" width="900" height="150" role="img"
 aria-labelledby="title desc" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif">
<title id="title">The pipeline in six steps: {lit}</title>
<desc id="desc">{flow}. The first three run once for each PDF, the last three for each question.</desc>
<rect x="0.5" y="0.5" width="899" height="149" rx="8" fill="#f6f8fa" stroke="#d0d7de"/>
<g fill="none" stroke="#8c959f"><path d="M24 44v-8h414v8"/><path d="M462 44v-8h414v8"/></g>
<g font-size="13" fill="#424a53" text-anchor="middle">
<text x="231" y="25">once for each PDF</text><text x="669" y="25">for each question</text></g>
{boxes}
</svg>
"""


def _svg_step(number: int, lit: int) -> str:
    """One box, with the arrow that leads to the next."""
    name, product = _STEPS[number - 1]
    left, middle = 24 + 146 * (number - 1), 24 + 146 * (number - 1) + 61
    fill, edge, ink = (BLUE, "#004d78", "#ffffff") if number == lit else ("#ffffff", "#8c959f", "#24292f")
    arrow = f'<path d="M{left + 125} 92h15m-5 -5l5 5l-5 5" fill="none" stroke="#57606a" stroke-width="1.5"/>'
    return f"""\
<rect x="{left}" y="52" width="122" height="80" rx="6" fill="{fill}" stroke="{edge}"/>
<g fill="{ink}" text-anchor="middle"><text x="{middle}" y="73" font-size="12">{number:02d}</text>
<text x="{middle}" y="95" font-size="18" font-weight="600">{name}</text>
<text x="{middle}" y="118" font-size="13">→ {product}</text></g>{arrow if number < 6 else ""}"""
