"""Wrong inputs, drawn from a seed: command lines, files of changes, sweeps, tables, people's data, manifests."""

from __future__ import annotations

import functools
import io
import json
import random
import string
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.settings.scenario import names, parameters

SMALL = ("world=tiny", "time.weeks=4", "time.burn_in_weeks=2")
DONE, FAILED, WRONG = 0, 1, 2  # exit codes
PERHAPS = (DONE, WRONG)  # of what may be read after all
PLACEHOLDER = "FIFO"  # stands for a pipe that nobody writes to
ODD_TEXTS = (
    "", " ", "nan", "-inf", "1e999", "null", "true", "~", "???", "${time.weeks}", "${oc.env:HOME}", "[", "]", "[[", "{",
    "{a:", "'", '"', "\\", "#", "a b", "0,5", "1,000", "５", "［1］", "1＝2", "=", "==", "../../x", "/", "\x1b[31mred",
    "a\nb", "\u202etxt", "\ud800", "é" * 50, "9" * 5000, "-" + "9" * 400, "x" * 100_000, "[" * 3000, "0x1f", "010",
    "1_000", "--help", "-", "%s%n", "<script>", "_target_", "!!python/object:os.system", "1" + "0" * 400 + ".5",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A command line in a folder of its own.

    Attributes
    ----------
    kind : what is wrong, for the counts.
    words : after `metavalue`.
    files : contents by name; `PLACEHOLDER` makes a pipe.
    codes : exit codes that are right. With 0 among them the input may be one that can be read, and is then simulated.
    """

    kind: str
    words: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    codes: tuple[int, ...] = (WRONG,)


def misspelt(name: str, draw: random.Random) -> str:
    """A name with one to three letters changed, left out or put in."""
    letters = list(name)
    for _ in range(draw.randint(1, 3)):
        k = draw.randrange(len(letters) + 1)
        if draw.random() < 0.5 and k < len(letters):
            letters[k] = draw.choice(string.ascii_lowercase + "._ -")
        elif draw.random() < 0.5 and len(letters) > 1:
            letters.pop(min(k, len(letters) - 1))
        else:
            letters.insert(k, draw.choice(string.ascii_lowercase + "_"))
    return "".join(letters)


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Bytes with a few changed, cut off, doubled, or noise put between them."""
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        k = draw.randrange(len(data) + 1)
        choice = draw.random()
        if choice < 0.3 and data:
            data[min(k, len(data) - 1)] ^= 1 << draw.randrange(8)
        elif choice < 0.5:
            del data[k:]
        elif choice < 0.7:
            data[k:k] = draw.randbytes(draw.randint(1, 30))
        elif choice < 0.85:
            data[k:k] = draw.choice(
                [b"\x00", b"\xff", b"\r", b"\n\n", b'"', b";", b",", b"\t", b"\xc7\xf8", b"\xef\xbb\xbf"]
            )
        else:
            data[k:k] = data[max(k - 40, 0) : k]
    return bytes(data)


def _path(draw: random.Random) -> str:
    """A parameter of the tiny world, with a platform or lever in the star's place."""
    path: str = draw.choice(_PATHS)
    return path.replace("platforms.*", "platforms.forum").replace("policy.*", "policy.labelling")


_PATHS = [row["path"] for row in parameters() if not row["path"].startswith(("input.", "meta."))]
_NUMBERS = {row["path"]: row for row in parameters() if row["low"] is not None}
_GROUPS = ("scenario", "world", "technology", "platforms", "policy")


def wrong_value(draw: random.Random) -> Case:
    """A number out of its range, or what is no number."""
    path = draw.choice(list(_NUMBERS))
    row = _NUMBERS[path]
    path = path.replace("platforms.*", "platforms.forum").replace("policy.*", "policy.labelling")
    extra = ("policy=labelling",) if path.startswith("policy.") else ()
    beyond = [row["high"] * 2 + 1, row["low"] - abs(row["low"]) - 1, 1e300, -1e300, "nan", "inf", "-inf"]
    odd = [text for text in ODD_TEXTS if not text.strip().isdigit() or len(text) > 20]
    value = draw.choice([*beyond, *odd, "[1,2]", "{a: 1}", "a=b", "1..2", "1e", "true"])
    key = f"{path}={value}" if draw.random() < 0.9 else f"{path} = {value}"
    codes = PERHAPS if value in ("010", "1_000", "0x1f", "５") else (WRONG,)
    return Case("value", ("run", *SMALL, *extra, key), codes=codes)


def wrong_name(draw: random.Random) -> Case:
    """A misspelt parameter, group, member, scenario, option or command."""
    what = draw.randrange(6)
    if what == 0:
        words = ["run", *SMALL, f"{misspelt(_path(draw), draw)}={draw.choice(['1', 'x', '0.5'])}"]
    elif what == 1:
        group = draw.choice(_GROUPS[1:])
        words = ["run", *SMALL, f"{group}={misspelt(draw.choice(names(group)), draw)}"]
    elif what == 2:
        words = ["run", misspelt(draw.choice(names("scenario")), draw), *SMALL]
    elif what == 3:
        words = ["run", *SMALL, "--" + misspelt(draw.choice(["replications", "against", "overwrite"]), draw), "2"]
    elif what == 4:
        words = [misspelt(draw.choice(["describe", "analyse", "report"]), draw), "no_ai"]
    else:
        words = ["describe", misspelt(_path(draw), draw) + "q"]
    return Case("name", tuple(words), codes=PERHAPS)


def wrong_option(draw: random.Random) -> Case:
    """An option's value that it does not take."""
    option = draw.choice(["--replications", "--seed", "--threads", "--checkpoint-every", "--at-most"])
    value = draw.choice(["0", "-1", "1.5", "x", "", "1e3", "9" * 40, "9" * 5000, "nan", "1000000000000"])
    if option == "--seed" and value == "0":
        value = "-1"
    words = [draw.choice(["baseline", "no_ai"]), *SMALL, option, value]
    return Case("option", ("run", *words), codes=PERHAPS if option == "--checkpoint-every" else (WRONG,))


def wrong_levers(draw: random.Random) -> Case:
    """Levers of the first arm that cannot be."""
    lever = draw.choice(names("policy"))
    parts = [
        misspelt(lever, draw) + "zz", f"{lever}:2", f"{lever}:-1", f"{lever}:nan", f"{lever}@2024-13-01", f"{lever}@",
        ":",
        f"{lever},{lever}", f"{lever}:0,5", f"{lever}：0.5", f"{lever}:{'9' * 4000}", f"{lever}@{'x' * 1000}", ",",
        f"{lever}:x", f"../{lever}", f"{lever}\n", f"{lever}:1:1", f"{lever}@2024-01-01@2025-01-01", "", "@",
        f"{lever}:",
    ]  # fmt: skip
    words = ("run", "baseline", *SMALL, "--with", draw.choice(parts), "--against", "baseline")
    return Case("lever", words, codes=PERHAPS)


CONFIG = b"world: tiny\ntime:\n  weeks: 4\n  burn_in_weeks: 2\nfarms:\n  human_minutes: 5\npolicy: [labelling]\n"


def odd_documents(draw: random.Random, good: bytes) -> bytes:
    """A YAML document that is hostile, or a good one that was damaged."""
    bomb = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (k, k, b", ".join([b"*%c" % (k - 1)] * 9)) for k in range(ord("b"), ord("k"))
    )
    return draw.choice(
        [
            bomb,
            b"[" * 5000,
            b"{a: " * 2000,
            b"- " * 3000 + b"x",
            b"time: {weeks: 3, weeks: 4}\n",
            b"? [a, b]\n: c\n",
            b"- a\n",
            b"hello",
            b"",
            b"time: hello",
            b"time:\n  weeks: 010\n",
            b"1: 2\n",
            b"null: 3\n",
            b"--- a\n--- b\n",
            b"\xff\xfea\x00",
            b"!!python/object/apply:os.system ['true']\n",
            b"time:\n\tweeks: 3\n",
            b"a: *b\n",
            b"<<: *a\n",
            b"x" * 2_000_000,
            b"time: &t {weeks: *t}\n",
            b"seed: 1\n",
            b"time.weeks: 3\ntime.weeks: 4\n",
            b"time:\n  weeks: " + b"9" * 5000,
            good + b"meta: hello\n",
            good + b"label: x\n",
            damaged(good, draw),
            damaged(good, draw),
            damaged(good, draw),
            damaged(good, draw),
            damaged(good, draw),
            good + b"\x00",
            good.replace(b":", "：".encode()),
            good * 2,
        ]
    )


def wrong_config(draw: random.Random) -> Case:
    """A file of changes that is none."""
    if draw.random() < 0.05:
        return Case("config", ("run", "--config", "c.yaml"), {"c.yaml": PLACEHOLDER.encode()})
    content = odd_documents(draw, CONFIG)
    return Case("config", ("run", *SMALL, "--config", "c.yaml"), {"c.yaml": content}, codes=PERHAPS)


SWEEP = (
    b"name: one\nbase: autonomous\nagainst: no_ai\noverrides: [world=tiny, time.weeks=4, time.burn_in_weeks=2]\n"
    b"levers:\n  labelling: [0, 1]\nuncertainties: [farms.human_minutes, farms.account_cost]\n"
    b"design: lhs\nsamples: 4\nreplications: 1\nresolution: final\noutcomes: [trust_mean]\n"
)


def wrong_sweep(draw: random.Random) -> Case:
    """A sweep file that is none, or one whose keys do not go together."""
    odd = [
        b"levers: {labelling: [0, 0, 1]}\n", b"levers: {labelling: [0, 1], policy.labelling.strength: [0, 0.5]}\n",
        b"levers: {labelling: []}\n", b"levers: [labelling]\n", b"uncertainties: 5\n", b"samples: 010\n",
        b"samples: -1\n",
        b"samples: 1000000000000\n", b"meta: hello\n", b"overrides: world=tiny\nmeta: [1]\n", b"design: csv\n",
        b"table: t.csv\n",
        b"name: --help\n", b"name: " + b"n" * 300 + b"\n", b"name: ../up\n", b"outcomes: [trust]\n", b"seed: true\n",
        b"replications: 1.0e9\n", b"uncertainties: [farms.law, farms.law]\n",
        b"levers: {input.followers: [a.csv, b.csv]}\n", b"uncertainties: {farms.human_minutes: [5, 1]}\n",
        b"resolution: x\n",
        b"uncertainties: {farms.law: 'choice(ai,ai)'}\n", b"samples: 3\ndesign: sobol\n", b"base: 7\n", b"x: 1\n",
        b"levers: {farms.human_minutes: [1, 2]}\n", b"overrides: [farms.human_minutes=3]\n",
        b"seed: " + b"9" * 5000 + b"\n",
    ]  # fmt: skip
    if draw.random() < 0.6:
        piece = draw.choice(odd)
        keys = {line.split(b":")[0] for line in piece.splitlines()}
        kept = [line for line in SWEEP.splitlines(True) if line.split(b":")[0] not in keys]
        if b"levers" in keys:
            kept = [line for line in kept if not line.startswith(b"  ")]
        return Case("sweep", ("sweep", "plan", "s.yaml"), {"s.yaml": b"".join(kept) + piece})
    content = odd_documents(draw, SWEEP)
    return Case("sweep", ("sweep", "plan", "s.yaml"), {"s.yaml": content}, codes=PERHAPS)


def wrong_table(draw: random.Random) -> Case:
    """A table of points that does not say what it means."""
    rows = [
        "farms.human_minutes,farms.items\n5,14,20\n", "farms.human_minutes,farms.human_minutes\n1,2\n", "a,b\n1,2\n",
        "\n",
        "farms.human_minutes\n", "farms.human_minutes\nx\n", "farms.human_minutes\nnan\n", "farms.human_minutes,\n5,\n",
        'farms.human_minutes\n"5\n', "farms.human_minutes\n010\n", "farms.human_minute\n5\n",
        "farms.law,farms.human_minutes\nai\n",
        "farms.human_minutes\n1e999\n", "farms.human_minutes\n" + "9" * 5000 + "\n", "labelling\n0.5\n2\n", "\x00\n",
        "labelling,policy.labelling.strength\n0,1\n", "farms.human_minutes;farms.account_cost\n1;\n",
        "farms.human_minutes\n5,5\n",
    ]  # fmt: skip
    sheet = b"name: one\nbase: autonomous\noverrides: [world=tiny]\ndesign: csv\ntable: t.csv\n"
    return Case("table", ("sweep", "plan", "s.yaml"), {"s.yaml": sheet, "t.csv": draw.choice(rows).encode()})


FOLLOWERS = b"follower,followed\n" + b"".join(b"u%d,u%d\n" % (k, (7 * k + 1) % 60) for k in range(60))
PEOPLE = b"age_group,minutes,platforms\n" + b"".join(b"%d-,%d,short_video\n" % (k % 5, 50 + k) for k in range(60))
GRAPH = (
    b'<graphml><graph edgedefault="directed">'
    + b"".join(b'<node id="u%d"/>' % k for k in range(60))
    + b"".join(b'<edge source="u%d" target="u%d"/>' % (k, (k + 1) % 60) for k in range(60))
    + b"</graph></graphml>"
)
ENTITIES = (
    b'<!DOCTYPE g [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><graphml><graph edgedefault="&b;"/></graphml>'
)


def wrong_data(draw: random.Random) -> Case:
    """A network or a population that is none."""
    kind = draw.randrange(4)
    if kind == 0:
        name, key = "f.csv", "input.followers"
        content = draw.choice([damaged(FOLLOWERS, draw), b"a,b\n1,2\n", b"follower,followed\n",
        b"follower,followed\nx\n",
                               b"follower,followed\n" + b"x" * 3_000_000, b"follower,followed\n1,\n", b"\xff\xfe",
                               "关注,被\n1,2\n".encode("gb18030"), PLACEHOLDER.encode()])  # fmt: skip
    elif kind == 1:
        name, key = "p.csv", "input.population"
        content = draw.choice([damaged(PEOPLE, draw), b"age_group,minutes,platforms\nx,nan,\n", PEOPLE + b"z,1\n",
                               b"age_group,minutes,platforms\nx,5,nowhere\n" * 2, PEOPLE.replace(b"50", b"-5"),
                               b"age_group;minutes;platforms\n1;2\n", PEOPLE[:80], PEOPLE + '"你",5,\n'.encode("gbk"),
                               PEOPLE + b"x,1e9,\n", PEOPLE + b'x,"1,200 min",\n', PLACEHOLDER.encode()])  # fmt: skip
    elif kind == 2:
        name, key = "f.graphml", "input.followers"
        content = draw.choice([damaged(GRAPH, draw), ENTITIES, b"<graphml/>", b"<a>" * 5000, GRAPH[:200],
                               GRAPH.replace(b'id="u3"', b'id=""'), GRAPH.replace(b"directed", b"maybe"),
                               GRAPH.replace(b"<edge", b"<hyperedge", 1), b"not xml",
                               PLACEHOLDER.encode()])  # fmt: skip
    else:
        name, key = "p.parquet", "input.population"
        content = damaged(_parquet(), draw)
    return Case("data", ("run", *SMALL, f"{key}={name}"), {name: content}, codes=PERHAPS)


_BUILT: dict[str, bytes] = {}


def _parquet() -> bytes:
    """A population as Parquet, built once."""
    if not _BUILT:
        import pandas as pd

        sink = io.BytesIO()
        pd.DataFrame({"age_group": ["a", "b"] * 30, "minutes": [50.0] * 60, "platforms": [""] * 60}).to_parquet(sink)
        _BUILT["population"] = sink.getvalue()
    return _BUILT["population"]


def wrong_place(draw: random.Random) -> Case:
    """A folder or a file where a result, a manifest or a sweep is wanted."""
    manifest: Any = draw.choice([
        {}, [], 7, {"schema_version": 1}, {"schema_version": 10**30}, {"schema_version": 1, "arms": {"../../x": {}}},
        {"schema_version": 1, "arms": [], "replications": -1}, {"schema_version": 1, "arms": {},
        "replications": 10**12},
        {"schema_version": 1, "settings": {}, "seed": "x"}, {"schema_version": 1, "scenario": None, "settings": []},
        {"schema_version": 1, "arms": {"a": 1}, "replications": 1, "scenario": "a", "against": None},
    ])  # fmt: skip
    content = json.dumps(manifest).encode()
    content = draw.choice(
        [content, content, b"", b"{", b"[" * 5000, b'{"schema_version": ' + b"9" * 5000 + b"}", b"\xff\x00"]
    )
    files = {
        "d/manifest.json": content,
        "d/registry.sqlite": draw.choice([b"", content, b"SQLite format 3\x00" + content]),
    }
    commands = [
        ("report", "d"), ("report", "nowhere"), ("analyse", "d"), ("sweep", "status", "d"), ("sweep", "resume", "d"),
        ("sweep", "merge", "d", "--out", "o"), ("run", "--from", "d/manifest.json"), ("run", "--from", "d"),
        ("run", "--resume", "d"), ("report", "n" * 400), ("sweep", "merge", "n" * 5000), ("report", "a\x00b"),
        ("run", *SMALL, "--out", "a\x00b"), ("run", *SMALL, "--out", "n" * 300), ("run", *SMALL, "--out",
        "d/manifest.json/x"),
        ("sweep", "status", "\udce9"), ("run", *SMALL, "--out", "\udce9"), ("analyse", "../" * 2000),
    ]  # fmt: skip
    return Case("place", draw.choice(commands), files, codes=(WRONG, FAILED))  # a damaged store is the disk's failure


@functools.cache
def stored() -> dict[str, bytes]:
    """The files of a real result, by name: two arms, one replication each."""
    import sim
    from sim.experiment.pairing import Comparison

    pair = sim.compare("baseline", "no_ai", replications=1, overrides=SMALL, workers=1)
    assert isinstance(pair, Comparison)
    with tempfile.TemporaryDirectory() as name:
        folder = pair.save(Path(name) / "d")
        return {f"d/{path.relative_to(folder)}": path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def other_json(tree: Any, draw: random.Random) -> Any:
    """A tree of JSON with one value put in another's place, left out, or made odd."""
    if isinstance(tree, dict) and tree and draw.random() < 0.9:
        key = draw.choice(list(tree))
        if draw.random() < 0.15:
            return {other: value for other, value in tree.items() if other != key}
        if draw.random() < 0.05:
            return {("../../" + other if other == key else other): value for other, value in tree.items()}
        return {**tree, key: other_json(tree[key], draw)}
    if isinstance(tree, list) and tree and draw.random() < 0.7:
        k = draw.randrange(len(tree))
        return [*tree[:k], other_json(tree[k], draw), *tree[k + 1 :]]
    odd: list[Any] = [None, True, -1, 0, 1e300, 10**30, "", "x", "../../x", "/etc", [], {}, [[]], "\x00", "a" * 1000]
    return draw.choice(odd)


def wrong_result(draw: random.Random) -> Case:
    """A stored result of which one file was damaged, or whose manifest says something else."""
    files = dict(stored())
    name = draw.choice(sorted(files) + ["d/manifest.json"] * len(files))
    if name.endswith(".json") and draw.random() < 0.8:
        files[name] = json.dumps(other_json(json.loads(files[name]), draw)).encode()
    elif draw.random() < 0.2:
        del files[name]
    else:
        files[name] = damaged(files[name], draw)
    commands = (("report", "d"), ("run", "--from", "d/manifest.json"), ("run", "--from", "d/runs/no_ai/0"))
    return Case("result", draw.choice(commands), files, codes=PERHAPS)


def odd_words(draw: random.Random) -> Case:
    """Any of a few hundred odd texts where words are wanted."""
    words = [draw.choice(ODD_TEXTS) for _ in range(draw.randint(1, 3))]
    command = draw.choice([("run",), ("run", "baseline"), ("describe",), ("list",), ("sweep", "plan"), ("sweep",), ()])
    return Case("words", (*command, *words), codes=PERHAPS)


KINDS: tuple[Callable[[random.Random], Case], ...] = (
    wrong_value, wrong_name, wrong_option, wrong_levers, wrong_config, wrong_sweep, wrong_table, wrong_data,
    wrong_place,
    wrong_result, odd_words,
)  # fmt: skip


def case_of(seed: int, number: int) -> Case:
    """The case of a number: the same for the same seed."""
    draw = random.Random(f"{seed} {number}")
    return KINDS[number % len(KINDS)](draw)
