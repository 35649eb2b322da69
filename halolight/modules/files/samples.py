"""The bytes of the demo's files: real ones, small, and the same each time."""

import io
import math
import struct
import wave
import zipfile
from random import Random

from PIL import Image, ImageDraw, ImageOps

CHART_COLOURS = ("#2563eb", "#16a34a", "#d97706", "#dc2626", "#7c3aed")
SKIES = (("#0f172a", "#f97316"), ("#1d4ed8", "#bae6fd"), ("#7c2d12", "#fde68a"))
RATE = 8_000  # samples of a tone per second


def chart(random: Random) -> bytes:
    """A bar chart, as PNG."""
    image = Image.new("RGB", (480, 270), "#f8fafc")
    draw = ImageDraw.Draw(image)
    for y in range(30, 250, 40):
        draw.line((40, y, 460, y), fill="#e2e8f0")
    colour = random.choice(CHART_COLOURS)
    for month in range(12):
        x, height = 48 + month * 34, random.randint(30, 190)
        draw.rectangle((x, 230 - height, x + 22, 230), fill=colour)
    draw.line((40, 230, 460, 230), fill="#334155", width=2)
    return _written(image, "PNG")


def landscape(random: Random) -> bytes:
    """Hills below an evening sky, as JPEG."""
    above, horizon = random.choice(SKIES)
    sky = Image.linear_gradient("L").resize((640, 360))
    image = ImageOps.colorize(sky, above, horizon)
    draw = ImageDraw.Draw(image)
    x, y = random.randint(80, 560), random.randint(90, 200)
    draw.ellipse((x - 24, y - 24, x + 24, y + 24), fill="#fff7ed")
    for distance, colour in enumerate(("#334155", "#1e293b", "#0f172a")):
        height, phase = 240 + 35 * distance, random.uniform(0, 6)
        ridge = [(x, height + 22 * math.sin(x / 70 + phase)) for x in range(0, 641, 8)]
        draw.polygon([(0, 360), *ridge, (640, 360)], fill=colour)
    return _written(image, "JPEG")


def _written(image: Image.Image, kind: str) -> bytes:
    written = io.BytesIO()
    image.save(written, kind)
    return written.getvalue()


def figures(random: Random) -> bytes:
    """A year of sales, as CSV."""
    rows = [
        f"2026-{month:02},{random.randint(80, 400)},{random.randint(9_000, 60_000)}.00"
        for month in range(1, 13)
    ]
    return "\n".join(["month,orders,revenue", *rows, ""]).encode()


def notes(random: Random) -> bytes:
    """What was said in a meeting, as text."""
    topics = random.sample(
        (
            "the release",
            "the budget",
            "open positions",
            "the audit",
            "support times",
            "the roadmap",
        ),
        3,
    )
    lines = [f"- {topic.capitalize()}: agreed, see the ticket" for topic in topics]
    return "\n".join(["Weekly meeting", "", *lines, ""]).encode()


def page(random: Random) -> bytes:
    """A page of a report, as PDF."""
    lines = ["Quarterly report", f"Customers: {random.randint(200, 900)}", "All goals were met."]
    shown = "".join(f"({line}) Tj 0 -28 Td " for line in lines)
    text = f"BT /F1 18 Tf 72 760 Td {shown}ET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    )
    written, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return written + (
        b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (table, len(written))
    )


def archive(random: Random) -> bytes:
    """Figures and notes together, as zip."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in (("figures.csv", figures(random)), ("notes.txt", notes(random))):
            packed.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return written.getvalue()


def tone(random: Random) -> bytes:
    """A second of a tone that fades, as WAV."""
    pitch = random.choice((262, 330, 392, 523))
    samples = (
        int(12_000 * (1 - at / RATE) * math.sin(2 * math.pi * pitch * at / RATE))
        for at in range(RATE)
    )
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return written.getvalue()
