"""The drawing of an encoder-decoder, by its traces."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from cvlib.figures import architecture


@dataclass(frozen=True)
class Block:
    title: str
    kind: str
    height: int
    width: int
    channels: int
    weights: int
    source: int | None = None


BLOCKS = (
    Block("Encoder 1", "encode", 64, 96, 8, 100),
    Block("Pooling 1", "pool", 32, 48, 8, 0),
    Block("Bottom", "bottom", 32, 48, 16, 700),
    Block("Decoder 1", "decode", 64, 96, 8, 190, source=0),
    Block("Scores", "score", 60, 90, 4, 10),
)


def bars(figure: object) -> dict[str, object]:
    return {trace.name: trace for trace in figure.data if trace.type == "bar"}


def test_each_block_lies_in_the_row_of_its_size() -> None:
    drawn = bars(architecture.encoder_decoder(BLOCKS))
    assert list(drawn) == ["encoder", "pooling", "bottom", "decoder", "scores"]
    middle = {name: float(trace.base[0] + trace.y[0] / 2) for name, trace in drawn.items()}
    assert middle == pytest.approx({"encoder": 0, "pooling": -1, "bottom": -1, "decoder": 0, "scores": 0})
    assert drawn["encoder"].y[0] > drawn["bottom"].y[0]
    assert drawn["bottom"].width[0] > drawn["encoder"].width[0] > drawn["pooling"].width[0]
    order = [float(trace.x[0]) for trace in drawn.values()]
    assert order == sorted(order)
    edges = [(trace.x[0] - trace.width[0] / 2, trace.x[0] + trace.width[0] / 2) for trace in drawn.values()]
    assert all(one[1] < other[0] for one, other in pairwise(edges))


def test_sizes_and_weights_are_said() -> None:
    figure = architecture.encoder_decoder(BLOCKS, "pooling indices")
    words = bars(figure)["decoder"].customdata[0]
    assert "8 maps of 96 x 64 cells" in words and "190 weights" in words and "pooling indices from Encoder 1" in words
    assert list(figure.layout.yaxis.ticktext) == ["48 x 32", "96 x 64"]
    assert len(figure.layout.annotations) == len(BLOCKS) - 1


def test_an_arc_leads_from_the_source_to_its_target() -> None:
    figure = architecture.encoder_decoder(BLOCKS, "pooling indices")
    arc = next(trace for trace in figure.data if trace.name == "pooling indices")
    drawn = bars(figure)
    assert arc.line.dash == "dash"
    assert arc.x[0] == drawn["encoder"].x[0] and arc.x[-2] == drawn["decoder"].x[0]
    assert max(y for y in arc.y if y is not None) > architecture.TALLEST / 2
    without = architecture.encoder_decoder([Block(**{**vars(block), "source": None}) for block in BLOCKS])
    assert not any(trace.name == "skip connections" for trace in without.data)


@pytest.mark.parametrize("blocks", [BLOCKS[-1:], (Block("Scores", "score", 1, 1, 1, 0),)])
def test_a_single_block_can_be_drawn(blocks: tuple[Block, ...]) -> None:
    [bar] = architecture.encoder_decoder(blocks).data[:1]
    assert np.isfinite([bar.x[0], bar.width[0], bar.y[0], bar.base[0]]).all()


def test_the_reading_tells_the_sizes_and_what_is_handed_across() -> None:
    words = architecture.reading(BLOCKS)
    assert "from 96 x 64 to 48 x 32 cells" in words and "from 8 to 16" in words
    assert "Bottom holds 70 % of the 1,000 weights" in words and "its one skip connection." in words
    assert "no skip connections" in architecture.reading(BLOCKS[:3])
