"""GraphML: nodes and edges of one graph; all other data in the file are ignored."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from xml.parsers import expat

from sim.base.errors import InputError
from sim.inputs.bounds import MAX_FOLLOWS, MAX_TAG_BYTES, MAX_TAG_NAMES
from sim.inputs.edges import Edges
from sim.inputs.words import BadTextError

_BLOCK = 2**16
_ONE_GRAPH = "one graph without graphs inside nodes and without hyperedges"
_KNOWN = frozenset({"id", "source", "target", "directed", "edgedefault", "key"})


def read_graphml(path: Path, file: io.BufferedReader, edges: Edges) -> str:
    """Collect nodes and edges, and return the SHA-256 of the file's bytes."""
    return _Reader(path, edges).read(file)


class _Reader:
    """What has been met of a file."""

    def __init__(self, path: Path, edges: Edges) -> None:
        self.path, self.edges = path, edges
        self.directed = False
        self.depth = self.graphs = 0
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.doctype

    def read(self, file: io.BufferedReader) -> str:
        """Read a file to its end into `edges`; return the SHA-256 of its bytes."""
        parser, digest, fed = self.parser, hashlib.sha256(), 0
        try:
            while block := file.read(_BLOCK):
                digest.update(block)
                fed += len(block)
                parser.Parse(block, False)
                if fed - parser.CurrentByteIndex > MAX_TAG_BYTES:  # what waits for its end is read again and again
                    raise self.refuse("a longer tag", f"tags and comments of at most {MAX_TAG_BYTES:,} bytes")
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            place = f"{self.path}, line {error.lineno}, column {error.offset + 1}"
            raise InputError(place, expat.ErrorString(error.code) or "an error", "well-formed GraphML") from None
        except (LookupError, ValueError) as error:  # an encoding that the parser does not read
            if isinstance(error, InputError):
                raise
            raise InputError(f"{self.path}, line 1, column 1", str(error), "GraphML in UTF-8") from None
        return digest.hexdigest()

    def place(self) -> str:
        """Name the file, line and column that the parser has reached, for errors."""
        return f"{self.path}, line {self.parser.CurrentLineNumber}, column {self.parser.CurrentColumnNumber + 1}"

    def refuse(self, found: str, expected: str) -> InputError:
        """Return an error at the place that the parser has reached."""
        return InputError(self.place(), found, expected)

    def attribute(self, tag: str, attributes: dict[str, str], name: str, choices: tuple[str, ...] = ()) -> str:
        """Return an attribute of a tag; refuse one that is empty or, if there are `choices`, none of them."""
        value = attributes.get(name, "")
        if not value.strip() or (choices and value.strip() not in choices):
            raise self.refuse(f"{name}={value.strip()!r}", f"<{tag}> with {name}={'|'.join(choices) or 'a user'}")
        return value.strip() if choices else value

    def doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        """Refuse a document type with declarations of its own."""
        if internal:
            raise self.refuse(f"<!DOCTYPE {name} [", "GraphML without declarations of its own")

    def end(self, name: str) -> None:
        """Leave a tag."""
        self.depth -= 1

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of a tag: add a node or an edge, or note the graph's default direction."""
        tag = name.rpartition(" ")[2]
        self.depth += 1
        if tag not in self.tags:
            self.meet(tag)
        if not attributes.keys() <= _KNOWN:
            self.attributes.update(attributes)
        if self.depth > MAX_TAG_NAMES or len(self.attributes) > MAX_TAG_NAMES:
            found = "tags deeper in tags" if self.depth > MAX_TAG_NAMES else "more names of attributes"
            raise self.refuse(found, f"at most {MAX_TAG_NAMES:,}")
        try:
            if tag == "node":
                self.edges.user(self.attribute(tag, attributes, "id"))
            elif tag == "edge":
                source, target, directed = attributes.get("source"), attributes.get("target"), self.directed
                if not source or not target:
                    source = self.attribute(tag, attributes, "source")
                    target = self.attribute(tag, attributes, "target")
                if "directed" in attributes:
                    directed = self.attribute(tag, attributes, "directed", ("true", "false")) == "true"
                self.edges.add(source, target, not directed)
                if len(self.edges.followers) > MAX_FOLLOWS:
                    raise self.refuse("more follows", f"at most {MAX_FOLLOWS:,}")
        except BadTextError as error:
            raise error.at(self.place()) from None
        if tag == "graph":
            if self.graphs:
                raise self.refuse(f"<{tag}>", _ONE_GRAPH)
            self.graphs += 1
            self.directed = self.attribute(tag, attributes, "edgedefault", ("directed", "undirected")) == "directed"

    def meet(self, tag: str) -> None:
        """Check a tag's name when it occurs for the first time."""
        if not self.tags and tag != "graphml":
            raise self.refuse(f"<{tag}>", "<graphml>")
        if tag == "hyperedge":
            raise self.refuse(f"<{tag}>", _ONE_GRAPH)
        self.tags.add(tag)
        if len(self.tags) > MAX_TAG_NAMES:
            raise self.refuse("more names of tags", f"at most {MAX_TAG_NAMES:,}")
