"""Tables as text: CSV and what Excel writes, with `,` `;` or tab between columns, in UTF-8 or UTF-16."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from operator import itemgetter
from pathlib import Path

from sim.base.errors import InputError
from sim.inputs.bounds import MAX_CHARACTERS, MAX_EMPTY_ROWS, MAX_LINE_BYTES, MAX_UTF16_BYTES
from sim.inputs.words import column_order, count_known

SUFFIXES = (".csv", ".tsv", ".txt")
SEPARATORS = ",;\t"
_SIGNATURES = (
    (b"PK\x03\x04", "an Excel workbook or another archive"), (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"\xff\xfe\x00\x00", "text in UTF-32"), (b"\x00\x00\xfe\xff", "text in UTF-32"), (b"PAR1", "a Parquet file"),
)  # fmt: skip
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SAVE = "text in UTF-8; in Excel, save as 'CSV UTF-8'"
_SAMPLE = 2**16


class DelimitedFile:
    """A table as text, read row by row.

    Attributes
    ----------
    columns : those of the known columns that the header names, in our order.
    separator : what stands between columns, as the header shows.
    sha256 : of the file's bytes.
    empty_rows : rows without any content before the last one that has some, once all are read.
    """

    def __init__(
        self, path: Path, file: io.BufferedReader, columns: Mapping[str, tuple[str, ...]], most_rows: int, rows: str
    ) -> None:
        self.path, self._file = path, file
        encoding = self._encoding(file.read(_SAMPLE))
        file.seek(0)
        self.sha256 = self._scan(file, most_rows, rows, encoding)
        file.seek(0)
        self._text = io.TextIOWrapper(file, encoding=encoding, newline="")
        self.empty_rows = self._skipped = 0
        self.separator = ","
        try:
            head = self._text.readline()
            if named := re.fullmatch(r'"?sep=([,;\t])"?\s*', head, re.IGNORECASE):  # a hint to Excel
                self._skipped, head = 1, self._text.readline()
            self.separator = named[1] if named else self._separator(head, columns)
            self._rows = csv.reader(chain([head], self._text), delimiter=self.separator, strict=True)
            header = self._header()
        except UnicodeDecodeError:
            raise self._not_text() from None
        self._width = len(header)
        while header and not header[-1].strip():
            header.pop()
        self._place = f"{path}, line"
        order = column_order(f"{self._place} {self._skipped + 1}", header, columns)
        self.columns, self._order = tuple(order), tuple(order.values())

    def __iter__(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the line on which each row starts and its cells, in the order of `columns`."""
        reader, width, skipped = self._rows, self._width, self._skipped
        pick, first, extra = itemgetter(*self._order), self._order[0], width > len(self._order)
        empty, line = 0, reader.line_num + skipped
        try:
            for cells in reader:
                start, line = line + 1, reader.line_num + skipped
                if not cells or (not cells[min(first, len(cells) - 1)].strip() and not any(map(str.strip, cells))):
                    empty += 1
                    if empty > MAX_EMPTY_ROWS:
                        place = f"{self._place} {line}"
                        raise InputError(place, f"{empty:,} empty rows", f"at most {MAX_EMPTY_ROWS:,}")
                    continue
                self.empty_rows = empty
                if len(cells) != width or (extra and any(map(str.strip, cells[len(self._order) :]))):
                    raise self._ragged(start, cells)
                yield start, pick(cells)
        except UnicodeDecodeError:
            raise self._not_text() from None
        except csv.Error as error:
            raise self._broken(line, error) from None

    def _encoding(self, head: bytes) -> str:
        """Encoding of the file, by its first bytes.

        InputError for archives, workbooks, UTF-32 and other binary files.
        """
        for signature, found in _SIGNATURES:
            if head.startswith(signature):
                raise InputError(str(self.path), found, _SAVE)
        if head.startswith(_UTF16):
            return "utf-16"
        if b"\0" in head:
            fewer, more = sorted((head[::2].count(0), head[1::2].count(0)))
            wide = 4 * more > len(head) > 40 * fewer  # Latin letters leave every other byte empty
            found = "text in UTF-16 without a byte-order mark" if wide else "a byte of 0"
            raise InputError(str(self.path), found, _SAVE)
        return "utf-8-sig"

    def _scan(self, file: io.BufferedReader, most_rows: int, rows: str, encoding: str) -> str:
        """Return the file's SHA-256; refuse too many lines, and lines that are too long, before any is parsed."""
        digest, newlines, returns, run, size = hashlib.sha256(), 0, 0, 0, 0
        while block := file.read(MAX_LINE_BYTES):
            digest.update(block)
            size += len(block)
            feeds, carriages = block.count(b"\n"), block.count(b"\r")
            newlines, returns = newlines + feeds, returns + carriages
            run = 0 if feeds or carriages else run + len(block)
            lines = max(newlines, returns)
            if lines > most_rows + MAX_EMPTY_ROWS:
                raise InputError(str(self.path), f"more than {lines:,} lines", f"at most {most_rows:,} {rows}")
            if run > MAX_LINE_BYTES:
                place = f"{self.path}, line {lines + 1}"
                raise InputError(place, "a longer line", f"lines of at most {MAX_LINE_BYTES:,} bytes")
            if encoding == "utf-16" and size > MAX_UTF16_BYTES:
                raise InputError(str(self.path), "more bytes", f"at most {MAX_UTF16_BYTES:,} bytes of UTF-16")
        return digest.hexdigest()

    def _separator(self, head: str, columns: Mapping[str, tuple[str, ...]]) -> str:
        """Choose the separator that makes most known columns of the header, else the one that makes most columns."""

        def fit(separator: str) -> tuple[int, int]:
            found = next(csv.reader([head], delimiter=separator), [])
            return count_known(found, columns), len(found)

        try:
            return max(SEPARATORS, key=fit)
        except csv.Error:
            return ","  # reading the header says what is wrong

    def _header(self) -> list[str]:
        """Read the header's cells; an empty list for an empty file."""
        try:
            return next(self._rows, [])
        except csv.Error as error:
            raise self._broken(self._skipped, error) from None

    def _ragged(self, line: int, cells: list[str]) -> InputError:
        """The error of a row that has more or fewer cells than the header."""
        names = [self.columns[self._order.index(k)] for k in range(len(self._order))]
        expected = f"{len(names)} fields: {self._shown.join(names)}"
        if self.separator == ";" and "platforms" in names:
            expected += " (platforms in quotes, or separated by |)"
        fields = f"{len(cells)} field{'s'[: len(cells) != 1]}"
        if len(cells) < len(names):
            return InputError(f"{self._place} {line}, column {names[len(cells)]!r}", fields, expected)
        return InputError(f"{self._place} {line}, column {len(names) + 1}", fields, expected)

    @property
    def _shown(self) -> str:
        """The separator as it is shown in an error."""
        return "<tab>" if self.separator == "\t" else self.separator

    def _broken(self, line: int, error: csv.Error) -> InputError:
        """The error of a row that is not valid CSV: a field too long, or a quote that is not closed."""
        if "field larger" in str(error):
            place = f"{self.path}, line {line + 1}"
            return InputError(place, "a longer field", f"fields of at most {MAX_CHARACTERS:,} characters")
        place = f"{self.path}, line {line + 1}, column {getattr(self, 'columns', ('1',))[0]!r} or after"
        kind = {",": "comma", ";": "semicolon", "\t": "tab"}[self.separator]
        return InputError(place, str(error), f"{kind}-separated fields with closed quotes")

    def _not_text(self) -> InputError:
        """The error of a file that is not in its encoding.

        Where the first wrong byte is, and which encoding it may be.
        """
        if self._text.encoding == "utf-16":
            return InputError(str(self.path), "a broken character in UTF-16", _SAVE)
        file = self._file
        file.seek(0)
        for line, raw in enumerate(file, 1):
            try:
                raw.decode()
            except UnicodeDecodeError as error:
                column = raw[: error.start].count(self.separator.encode()) + 1
                place, found = f"{self.path}, line {line}, column {column}", f"byte 0x{raw[error.start]:02x}"
                guess = guess_encoding(raw + b"".join(file.readlines(_SAMPLE)))
                return InputError(place, found, f"{_SAVE}{guess and f' (this looks like {guess})'}")
        return InputError(str(self.path), "a broken character at the end", _SAVE)


def guess_encoding(sample: bytes) -> str:
    """Guess the encoding of lines that are not UTF-8: GBK or Latin-1, or "" if it is UTF-8 with a flaw.

    Chinese characters are pairs of high bytes, accented letters single ones.
    """
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(not c.isascii() for c in text) > 2 * broken:
        return ""  # UTF-8 with a flaw
    high = re.findall(rb"[\x80-\xff]+", sample)
    paired = sum(len(run) for run in high if len(run) > 1)
    try:
        sample.decode("gb18030")
    except UnicodeDecodeError:
        return "Latin-1 or Windows-1252"
    return "GBK" if 2 * paired > sum(map(len, high)) else "Latin-1 or Windows-1252"
