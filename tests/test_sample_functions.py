"""The sample of functions that a reader judges is drawn from all of them, by its seed alone."""

from pathlib import Path

from tests.sample_functions import ROOT, SIZE, sample

SOURCE = """class A:
    @property
    def b(self):
        def inner(): ...
        return inner

def c(): ...
"""


def test_a_seed_draws_the_same_functions_again() -> None:
    assert sample(1) == sample(1) != sample(2)
    assert len({place for place, _, _ in sample(1)}) == SIZE


def test_every_layer_can_be_drawn_kernels_included() -> None:
    places = {place for place, _, _ in sample(1, 1000)}
    for folder in ("sim/kernels/", "sim/agents/", "analysis/", "app/"):
        assert any(place.startswith(folder) for place in places), folder


def test_a_method_is_named_with_its_class_and_printed_with_its_decorators(tmp_path: Path) -> None:
    (tmp_path / "sim").mkdir()
    (tmp_path / "sim" / "a.py").write_text(SOURCE)
    method, function = sorted(sample(1, 2, tmp_path), key=lambda drawn: drawn[1])
    assert method == ("sim/a.py:3", "A.b", "\n".join(SOURCE.splitlines()[1:5]))
    assert function == ("sim/a.py:7", "c", "def c(): ...")


def test_a_source_is_that_of_its_place() -> None:
    for place, name, source in sample(3):
        file, line = place.split(":")
        head = (ROOT / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert f"def {name.split('.')[-1]}" in head and head in source
