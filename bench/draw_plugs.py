"""Draws the picture of the sample article on external monitors: `python -m bench.draw_plugs`."""

from PIL import Image, ImageDraw, ImageFont

from tests.support.paths import ROOT

FILE = ROOT / "kb_articles" / "screen-plugs.png"
SIZE, TIMES = (720, 240), 4  # pixels; drawn so many times larger, so that edges are smooth
INK, METAL, GROUND = "#1c2326", "#d5dadd", "#ffffff"
# Outlines from the front, about their middle, in pixels, and the height of the tongue within.
PLUGS = {
    "HDMI": ([(-62, -24), (62, -24), (62, 6), (48, 24), (-48, 24), (-62, 6)], 10),
    "DisplayPort": ([(-66, -22), (66, -22), (66, 22), (-46, 22), (-66, 4)], 10),
    "USB-C": ([], 8),
}


def draw() -> Image.Image:
    """Draw the three plugs side by side, each above its name."""
    picture = Image.new("RGB", (SIZE[0] * TIMES, SIZE[1] * TIMES), GROUND)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(26 * TIMES)
    for at, (name, (outline, tongue)) in enumerate(PLUGS.items()):
        x, y = SIZE[0] * (2 * at + 1) // 6, 96
        if outline:
            points = [((x + dx) * TIMES, (y + dy) * TIMES) for dx, dy in outline]
            pen.polygon(points, METAL, INK, 4 * TIMES)
        else:
            pen.rounded_rectangle(_box(x, y, 42, 16), 16 * TIMES, METAL, INK, 4 * TIMES)
        half = 26 if name == "USB-C" else 42
        pen.rounded_rectangle(_box(x, y, half, tongue // 2), 3 * TIMES, INK)
        pen.text((x * TIMES, 190 * TIMES), name, INK, font, anchor="mm")
    return picture.resize(SIZE, Image.Resampling.LANCZOS)


def _box(x: int, y: int, width: int, height: int) -> tuple[int, int, int, int]:
    return (x - width) * TIMES, (y - height) * TIMES, (x + width) * TIMES, (y + height) * TIMES


if __name__ == "__main__":
    draw().quantize(64).save(FILE, optimize=True)
