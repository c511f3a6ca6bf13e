"""What a picture may be. Measured with Pillow 13: see each constant's reason."""

MEBI = 2**20
MAX_BYTES = 20 * MEBI
MIN_SIDE, MAX_SIDE = 8, 16384
MAX_ASPECT = 50
MAX_PIXELS = {
    "JPEG": 64_000_000,
    "PNG": 25_000_000,
    "WEBP": 25_000_000,
    "AVIF": 25_000_000,
    "GIF": 16_000_000,
    "BMP": 16_000_000,
}
"""JPEG may be larger because it is decoded at a fraction of its size (`draft`)."""
MAX_JPEG_SCANS = 64
"""A progressive JPEG of 1.2 MB with 20,000 scans costs 41 s."""
MAX_PNG_CHUNKS = 20_000
MAX_PNG_TEXT_BYTES = MEBI
WORKING_SIDE = 1024

CHILD_MEMORY_BYTES = 768 * MEBI
CHILD_CPU_SECONDS = 5
CHILD_WALL_SECONDS = 8
WALL_SECONDS_A_PICTURE = 1
"""What each further picture of a batch adds."""
PICTURES_A_CHILD = 32
CHILDREN_AT_ONCE = 2
WAIT_SECONDS = 30
"""A picture that finds no free place for so long is refused kindly."""
