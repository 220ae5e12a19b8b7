"""YAML files of settings: what is read, and what is refused with file and line."""

import os
from pathlib import Path
from typing import Any

import pytest

from sim.base.errors import LONGEST, InputError
from sim.settings import config_files
from sim.settings.config_files import read_config
from sim.settings.scenario import compose


def write(folder: Path, content: str | bytes) -> Path:
    file = folder / "mine.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        compose(config=path)
    line = f"metavalue: {caught.value}"
    assert len(line) <= LONGEST and line.isprintable()
    return caught.value


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", {}),
        ("# nothing\n", {}),
        ("---\n", {}),
        ("{}", {}),
        ("a: 1", {"a": 1}),
        ("a: -1_000", {"a": -1000}),
        ("a: 0", {"a": 0}),
        ("a: 1e3", {"a": 1000.0}),
        ("a: .5", {"a": 0.5}),
        ("a: 5.", {"a": 5.0}),
        ("a: 1_000.5", {"a": 1000.5}),
        ("a: +2.5E-1", {"a": 0.25}),
        ("a: 1:30", {"a": "1:30"}),
        ("a: 2024-01-01", {"a": "2024-01-01"}),
        ("a: 0x1F", {"a": "0x1F"}),
        ("a: 2024-01-01 10:00:00", {"a": "2024-01-01 10:00:00"}),
        ("a: 0o17", {"a": "0o17"}),
        ("a: yes", {"a": "yes"}),
        ("a: off", {"a": "off"}),
        ("a: True", {"a": True}),
        ("a: false", {"a": False}),
        ("a:", {"a": None}),
        ("a: ~", {"a": None}),
        ("a: Null", {"a": None}),
        ("a: '010'", {"a": "010"}),
        ('a: "1"', {"a": "1"}),
        ("a: |\n  010\n", {"a": "010\n"}),
        ("on: 1\n3: 2\nno: 3", {"on": 1, "3": 2, "no": 3}),
        ("a: [1, [b, 0.5], {c: d}]", {"a": [1, ["b", 0.5], {"c": "d"}]}),
        ("a:\n- 1\n- b\n", {"a": [1, "b"]}),
        ("a: {b: {c: 1}}\na.b.d: 2", {"a": {"b": {"c": 1}}, "a.b.d": 2}),
        ("\ufeffa: 标签", {"a": "标签"}),
        ("a: 0,5", {"a": "0,5"}),
        ("%YAML 1.1\n---\na: b\n...\n", {"a": "b"}),
        ("a: [{b: 1}, {b: 2}]", {"a": [{"b": 1}, {"b": 2}]}),
    ],
)
def test_values_are_what_they_look_like(tmp_path: Path, text: str, tree: dict[str, Any]) -> None:
    found = read_config(write(tmp_path, text))
    assert dict(found) == tree and repr(dict(found)) == repr(tree)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: b\nsamples: 010", 2, "without leading zeros (10)"),
        ("a: [1, 00.5]", 1, "without leading zeros (0.5)"),
        ("a: -007", 1, "(-7)"),
        ("a: 0_1", 1, "(1)"),
        ("a: 1\nb: 2\na: 3", 3, "a, expected each key once; it stands in line 1"),
        ("world: {slate: 3}\nworld.slate: 4", 2, "each key once"),
        ("a: {b: 1, b: 1}", 1, "each key once"),
        ("a: [{b: 1, b: 2}]", 1, "each key once"),
        ("'a': 1\na: 2", 2, "each key once"),
        ("a: &x 1\nb: *x", 1, "written out"),
        ("a: *x", 1, "written out"),
        ("a: &x {b: 1}\nc:\n  <<: *x", 1, "&x"),
        ("<<: {a: 1}", 1, "a key's name"),
        ("a: !!python/object/apply:os.getcwd []", 1, "without a tag"),
        ("a: !!int '3'", 1, "!!int"),
        ("a: !mine 3", 1, "!mine"),
        ("!!map\na: 3", 1, "without a tag"),
        ("a: 1\n---\nb: 2", 2, "a second document"),
        ("--- a\n--- b", 1, "key: value"),
        ("- a", 1, "a list"),
        ("words", 1, "key: value"),
        ("'just text'", 1, "key: value"),
        ("null", 1, "key: value"),
        ("? [a, b]\n: c", 1, "as a key"),
        ("{{a: 1}: 2}", 1, "as a key"),
        (": c", 1, "YAML"),
        ("'': c", 1, "an empty key"),
        ("? \n: c", 1, "an empty key"),
        ("a:\n\tb: 1", 2, "a tab"),
        ("a:\n  b: 1\n \tc: 1", 3, "a tab"),
        ("a:\n  b: 1\n c: 2", 3, "YAML"),
        ("a: [1", 1, "YAML"),
        ("a: 'b", 1, "YAML"),
        ("a: {b: 1", 1, "YAML"),
        ("a: b: c", 1, "YAML"),
        ("a: @b", 1, "YAML"),
        ("a: 1\n%", 2, "YAML"),
        ("a: .nan", 1, "endless"),
        ("a: -.INF", 1, "endless"),
        ("a: 1e999", 1, "endless"),
        ("a: 1\nb: " + "9" * 5000, 2, "(5,000 characters)"),
        ("a: " + "[" * 10_000, 1, "20 levels"),
        ("a: " + "{b: " * 100 + "}" * 100, 1, "20 levels"),
        ("- " * 5000, 1, "a list"),
        ("a: 1\nb: \x00", 2, "control"),
        ("a: \x1b[31m", 1, "\\x1b"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_has_two_meanings_or_none_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    file = write(tmp_path, text)
    error = refused(file)
    assert error.key in (f"{file}, line {line}", f"{file}, line {line + 1}") and said in str(error)
    assert error.key == f"{file}, line {line}" or "YAML" in said  # where a parser found what it could not read


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("world: tiny\nworld.consumer: 300", "line 2, world.consumer", "world.consumers"),
        ("world:\n  consumers: 300\n  slate: x", "line 3, world.slate", ""),
        ("# mine\nworld: tinny", "line 2, world", "tiny"),
        ("policy: [labeling]", "line 1, policy", "labelling"),
        ("a: 1\ntechnology:\n  released: yes", "line 1, a", ""),
        ("technology:\n  released: yes", "line 2, technology.released", "true"),
        ("technology: {released: Off}", "line 1, technology.released", "false"),
        ("time: {weeks: 1:30}", "line 1, time.weeks", ""),
        ("trust: {rate: '0,05'}", "line 1, trust.rate", "0.05"),
        ("trust:\n  rate: 0,05", "line 2, trust.rate", "0.05"),
        ("world:\n  tiny", "line 1, world", None),
        ("scenario: basline", "line 1, scenario", "baseline"),
        ("label: mine", "line 1, label", ""),
        ("time: {weeks: 9999999}", "line 1, time.weeks", ""),
    ],
)
def test_a_wrong_setting_names_file_and_line(tmp_path: Path, text: str, key: str, nearest: str | None) -> None:
    file = write(tmp_path, text)
    if nearest is None:
        assert compose(config=file).settings.world.consumers == 500
        return
    error = refused(file)
    assert (error.key, error.nearest) == (f"{file}, {key}", nearest)


def test_a_wrong_word_beside_a_file_is_not_laid_on_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "world: tiny\ntime: {weeks: 8}")
    for word in ("time.weeks=x", "world=tinny"):
        with pytest.raises(InputError) as caught:
            compose(config=file, overrides=[word])
        assert caught.value.key == word.partition("=")[0]


def test_an_explosion_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    file = write(tmp_path, "\n".join(rows))
    assert refused(file).key == f"{file}, line 1"


@pytest.mark.parametrize("place", ["fifo", "/dev/zero", "/dev/null", "folder", "missing.yaml", "x" * 5000, "a\0b", ""])
def test_only_a_regular_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    Path("folder").mkdir()
    error = refused(Path(place))
    assert "file" in str(error) or "directory" in str(error)


def test_a_file_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_files, "LARGEST", 100)
    assert refused(write(tmp_path, "# " + "x" * 99)).value == "more than 100 bytes"
    assert dict(read_config(write(tmp_path, "# " + "x" * 98))) == {}


@pytest.mark.parametrize(
    ("content", "key", "value"),
    [
        ("a: 1".encode("utf-16"), "mine.yaml", "UTF-16"),
        ("a: 1".encode("utf-16-be"), "mine.yaml, line 1", "\x00"),
        ("a: 1\nb: 标签".encode("gbk"), "mine.yaml, line 2", "byte 0xb1"),
        (b"a: \xff", "mine.yaml, line 1", "byte 0xff"),
    ],
)
def test_only_utf_8_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, key: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, content)
    error = refused(Path("mine.yaml"))
    assert (error.key, error.value) == (key, value)
