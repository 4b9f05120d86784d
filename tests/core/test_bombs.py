"""Archives that claim to be small, share bytes, or do not end."""

import io
import struct
import zipfile
import zlib

import pytest

from core import inspection, uploads
from core.inspection import inspect
from core.uploads import inspect_apart
from tests.core.documents import (
    docx,
    object_stream_bomb,
    pdf,
    restate,
)
from tests.core.packing import BLANKS

PART = "word/media/a.bin"


NOISE = b"".join(bytes([number % 251, number % 13, number % 241]) for number in range(3000))


def part(content, compression=zipfile.ZIP_DEFLATED):
    return docx({PART: content}, compression=compression)


def deflated(content, end=zlib.Z_FINISH):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush(end)


def as_deflated(packed, content=NOISE):
    """An entry with those very bytes, said to unpack to that."""
    stored, crc = part(packed, zipfile.ZIP_STORED), zlib.crc32(content)
    return restate(stored, PART, method=zipfile.ZIP_DEFLATED, size=len(content), crc=crc)


@pytest.mark.parametrize("claim", [0, 10, 1000])
def test_a_bomb_that_claims_to_be_small_is_not_believed(claim):
    """Its sum is that of the bytes that it claims to have, so a reader who stops there finds nothing wrong."""
    lying = restate(part(b"\0" * 63_000_000), PART, size=claim, crc=zlib.crc32(b"\0" * claim))
    assert len(lying) < 70_000
    assert inspect(lying, "docx") == inspection.TOO_LARGE_INSIDE


def test_an_entry_is_as_long_as_it_says_and_ends_where_it_says():
    assert inspect(as_deflated(deflated(NOISE)), "docx") == ""
    short = NOISE[:500]
    filling = BLANKS.encode()[: inspection.CHUNK - 5]
    one_read = b"\x01" + struct.pack("<HH", len(filling), len(filling) ^ 0xFFFF) + filling
    assert inspect(as_deflated(one_read, filling), "docx") == ""
    lying = {
        "longer than said": restate(part(NOISE), PART, size=500, crc=zlib.crc32(short)),
        "shorter than said": restate(part(NOISE), PART, size=len(NOISE) + 1),
        "another sum": restate(part("x" + BLANKS), PART, crc=1),
        "stored, longer than said": restate(part(NOISE, zipfile.ZIP_STORED), PART, size=500, crc=zlib.crc32(short)),
        "stored, shorter than said": restate(part(NOISE, zipfile.ZIP_STORED), PART, size=len(NOISE) + 1),
        "something after the end": as_deflated(deflated(NOISE) + b"MZ"),
        "after an end where a read ends": as_deflated(one_read + b"MZ", filling),
        "no end": as_deflated(deflated(NOISE, zlib.Z_SYNC_FLUSH)),
        "nothing at all": as_deflated(b"", b""),
    }
    assert {name: inspect(content, "docx") for name, content in lying.items()} == dict.fromkeys(
        lying, inspection.NOT_WORD
    )


def test_the_two_headers_of_an_entry_agree_on_how_it_is_packed():
    content = bytearray(part(NOISE))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        at = archive.getinfo(PART).header_offset + 8
    assert content[at] == zipfile.ZIP_DEFLATED
    content[at] = zipfile.ZIP_STORED
    assert inspect(bytes(content), "docx") == inspection.NOT_WORD


def test_entries_do_not_share_bytes():
    content = docx({PART: b"a" * 10, "word/media/b.bin": b"b"}, compression=zipfile.ZIP_STORED)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start = archive.getinfo("word/media/b.bin").header_offset - 10
    shared = content[start : start + 40]
    lying = restate(content, PART, packed=40, size=40, crc=zlib.crc32(shared))
    assert inspect(content, "docx") == ""
    assert inspect(lying, "docx") == inspection.NOT_WORD


def test_the_last_entry_ends_before_the_directory():
    content = part(b"a" * 10, zipfile.ZIP_STORED)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start = archive.start_dir - 10
    lying = restate(content, PART, packed=14, size=14, crc=zlib.crc32(content[start : start + 14]))
    assert inspect(lying, "docx") == inspection.NOT_WORD


def test_a_name_that_goes_on_after_a_zero_byte_is_refused():
    content = docx({"word/a.xml_b": "<a/>"}).replace(b"word/a.xml_b", b"word/a.xml\0b")
    assert inspect(content, "docx") == inspection.NOT_WORD


def test_five_hundred_entries_and_no_more():
    entries = {f"word/media/{number}.png": "x" for number in range(497)}
    assert inspect(docx(entries), "docx") == ""
    assert inspect(docx(entries | {"word/media/more.png": "x"}), "docx") == inspection.NOT_WORD


def test_many_small_files_may_not_add_up_to_a_bomb():
    """Each stays under a hundred to one; together they pass fifty megabytes."""
    block = b"".join(bytes([number % 251, number % 13]) * 40 for number in range(13_000))
    content = docx({f"word/media/{number}.bin": block for number in range(60)})
    assert len(content) < uploads.MAX_BYTES
    assert inspect(content, "docx") == inspection.TOO_LARGE_INSIDE


def test_a_bomb_is_stopped_by_the_memory_that_its_process_has():
    assert inspect_apart(object_stream_bomb(megabytes=1), "pdf") == ""
    assert inspect_apart(object_stream_bomb(megabytes=600), "pdf") == inspection.TOO_LARGE_INSIDE
    assert inspect_apart(pdf(), "pdf") == ""


def test_the_inspection_that_does_not_end_is_ended(monkeypatch, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(inspection, "__file__", str(slow))
    monkeypatch.setattr(uploads, "SECONDS", 0.2)
    assert inspect_apart(pdf(), "pdf") == inspection.NOT_PDF
