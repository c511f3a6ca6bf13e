"""An encoder-decoder as it is drawn in papers: its maps shrink on the way down and grow on the way up."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import plotly.graph_objects as go

from cvlib.figures.palette import NEUTRAL, class_color

HEIGHT = 430
KINDS = {
    "encode": ("encoder", class_color(0)),
    "pool": ("pooling", class_color(4)),
    "bottom": ("bottom", class_color(3)),
    "context": ("context", class_color(1)),
    "decode": ("decoder", class_color(2)),
    "score": ("scores", class_color(5)),
}
"""What the kinds of stages are called, and their colours."""
TALLEST, SLIM, GAP = 0.74, 0.24, 0.3
"""Height of the largest maps, width of a pooling and space between blocks, where 1 is one halving."""


class Block(Protocol):
    """What is drawn of a stage: see `cvlib.segmenting.inside.Stage`."""

    title: str
    kind: str
    height: int
    width: int
    channels: int
    weights: int
    source: int | None


def encoder_decoder(blocks: Sequence[Block], across: str = "skip connections") -> go.Figure:
    """The stages of a network from left to right, one row for each size of maps.

    A block is as high as the logarithm of its maps' size says, and as wide as that of their number.

    Args:
        blocks: the stages in their order; at least one.
        across: what hands something from the encoder to the decoder.
    """
    figure = go.Figure()
    rows, widths, heights = _rows(blocks), _widths(blocks), _heights(blocks)
    middles = np.cumsum(widths + GAP) - widths / 2
    _draw_across(figure, blocks, middles, rows, heights, across)
    for kind, (name, color) in KINDS.items():
        places = [place for place, block in enumerate(blocks) if block.kind == kind]
        if places:
            bars = {"x": middles[places], "width": widths[places], "y": heights[places]}
            figure.add_bar(
                **bars,
                base=rows[places] - heights[places] / 2,
                name=name,
                marker={"color": color, "line": {"width": 0}},
                customdata=[_words(blocks, place, across) for place in places],
                hovertemplate="%{customdata}<extra></extra>",
            )
    _draw_channels(figure, blocks, middles, rows - heights / 2 - 0.04)
    _draw_arrows(figure, middles, widths, rows)
    return _laid_out(figure, blocks, rows)


def _rows(blocks: Sequence[Block]) -> np.ndarray:
    """How many halvings below the largest maps each block lies, as numbers from 0 downwards."""
    sides = np.array([block.height for block in blocks], float)
    return -np.rint(np.log2(sides.max() / sides))


def _widths(blocks: Sequence[Block]) -> np.ndarray:
    channels = np.log2([max(2, block.channels) for block in blocks])
    wide = 0.3 + 0.6 * channels / channels.max()
    return np.where([block.kind == "pool" for block in blocks], SLIM, wide)


def _heights(blocks: Sequence[Block]) -> np.ndarray:
    sides = np.log2([max(2, block.height) for block in blocks])
    return TALLEST * sides / sides.max()


def _words(blocks: Sequence[Block], place: int, across: str) -> str:
    """What is said of a block under the cursor."""
    block = blocks[place]
    lines = [
        f"<b>{block.title}</b>",
        f"{block.channels:,} maps of {block.width} x {block.height} cells",
        f"{block.weights:,} weights",
    ]
    if block.source is not None:
        lines.append(f"{across} from {blocks[block.source].title}")
    return "<br>".join(lines)


def _draw_across(
    figure: go.Figure, blocks: Sequence[Block], middles: np.ndarray, rows: np.ndarray, heights: np.ndarray, across: str
) -> None:
    """Dashed arcs from the stages that hand something across, as one trace."""
    x, y = [], []
    for place, block in enumerate(blocks):
        if block.source is not None:
            ends = [block.source, place]
            xs = np.linspace(*middles[ends], 24)
            foot = np.linspace(*(rows[ends] + heights[ends] / 2), 24)
            peak = rows[ends].max() + TALLEST / 2 + 0.13
            bent = 1 - np.abs(np.linspace(-1, 1, 24)) ** 6
            x += [*xs, None]
            y += [*(foot + (peak - foot) * bent), None]
    if x:
        figure.add_scatter(
            x=x, y=y, mode="lines", name=across, line={"dash": "dash", "width": 2, "color": NEUTRAL}, hoverinfo="skip"
        )
        ends = [place for place, block in enumerate(blocks) if block.source is not None]
        figure.add_scatter(
            x=middles[ends], y=(rows + heights / 2)[ends] + 0.05, mode="markers", showlegend=False, hoverinfo="skip",
            marker={"symbol": "triangle-down", "size": 9, "color": NEUTRAL},
        )  # fmt: skip


def _draw_channels(figure: go.Figure, blocks: Sequence[Block], middles: np.ndarray, feet: np.ndarray) -> None:
    """The number of maps under each block that is wide enough."""
    shown = [place for place, block in enumerate(blocks) if block.kind != "pool"]
    figure.add_scatter(
        x=middles[shown],
        y=feet[shown],
        text=[f"{blocks[place].channels}" for place in shown],
        mode="text",
        textposition="bottom center",
        textfont={"size": 11},
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )


def _draw_arrows(figure: go.Figure, middles: np.ndarray, widths: np.ndarray, rows: np.ndarray) -> None:
    """From each block to the next one."""
    for place in range(len(middles) - 1):
        figure.add_annotation(
            ax=middles[place] + widths[place] / 2, ay=rows[place], axref="x", ayref="y",
            x=middles[place + 1] - widths[place + 1] / 2, y=rows[place + 1], text="",
            showarrow=True, arrowhead=2, arrowsize=1, arrowwidth=1.3, arrowcolor=NEUTRAL,
        )  # fmt: skip


def _laid_out(figure: go.Figure, blocks: Sequence[Block], rows: np.ndarray) -> go.Figure:
    sizes = {row: f"{block.width} x {block.height}" for row, block in reversed(list(zip(rows, blocks, strict=True)))}
    levels = sorted(sizes)
    return figure.update_layout(
        height=HEIGHT,
        barmode="overlay",
        margin={"l": 8, "r": 8, "t": 8, "b": 96},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
        xaxis={"title": "stages (number of maps)", "showticklabels": False, "showgrid": False,
               "zeroline": False, "fixedrange": True},
        yaxis={"title": "size of the maps (cells)", "tickvals": levels, "ticktext": [sizes[level] for level in levels],
               "zeroline": False, "showgrid": False, "fixedrange": True, "range": [levels[0] - 0.75, 0.75]},
    )  # fmt: skip


def reading(blocks: Sequence[Block], across: str = "skip connections") -> str:
    """What the drawing says, in words."""
    first, last = blocks[0], blocks[-1]
    small = min(blocks, key=lambda block: block.height * block.width)
    heavy = max(blocks, key=lambda block: block.weights)
    weights = sum(block.weights for block in blocks)
    handed = sum(block.source is not None for block in blocks)
    shrunk = (
        f"The maps shrink from {first.width} x {first.height} to {small.width} x {small.height} cells while their "
        f"number grows from {first.channels} to {max(block.channels for block in blocks)}: less and less **where**, "
        f"more and more **what**. Then they grow back to {last.width} x {last.height}, one map for each of the "
        f"{last.channels} classes."
    )
    share = f" {heavy.title} holds {100 * heavy.weights / max(1, weights):.0f} % of the {weights:,} weights."
    ways = {0: f" There are no {across}.", 1: f" The dashed arc hands detail across: its one {across.rstrip('s')}."}
    return shrunk + share + ways.get(handed, f" The {handed} dashed arcs hand detail across: its {across}.")
