"""Follow graphs: edges in, networkx in and out, and the generator's shape and draws."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.agents import friends
from sim.agents.friends import clustered_heavy_tailed
from sim.base.graphs import CSR, from_edges, to_networkx
from sim.base.randomness import Streams, origin
from sim.inputs import read_followers
from sim.kernels import graphs

STREAM = Streams(7)["network"]


def rows(csr: CSR) -> list[list[int]]:
    return [csr.indices[a:b].tolist() for a, b in zip(csr.indptr[:-1], csr.indptr[1:], strict=True)]


def same(a: CSR, b: CSR) -> bool:
    return np.array_equal(a.indptr, b.indptr) and np.array_equal(a.indices, b.indices)


def test_edges_become_sorted_rows_without_repeats_or_loops() -> None:
    csr = from_edges(4, [2, 0, 2, 0, 0, 3], [1, 3, 0, 1, 3, 3])
    assert rows(csr) == [[1, 3], [], [0, 1], []]
    assert csr.indptr.dtype == csr.indices.dtype == np.int32


@given(st.integers(1, 12), st.data())
def test_rows_are_the_sets_of_followed(n: int, data: st.DataObject) -> None:
    node = st.integers(0, n - 1)
    edges = data.draw(st.lists(st.tuples(node, node), max_size=40))
    csr = from_edges(n, [u for u, _ in edges], [v for _, v in edges])
    assert rows(csr) == [sorted({v for u, v in edges if u == i != v}) for i in range(n)]
    assert len(csr.indices) == csr.indptr[-1]


@pytest.mark.parametrize(("followers", "followed"), [([0], [2]), ([-1], [0]), ([0, 1], [1]), ([[0]], [[1]])])
def test_edges_outside_the_graph_are_refused(followers: list[int], followed: list[int]) -> None:
    with pytest.raises(ValueError, match=r"outside|shape"):
        from_edges(2, followers, followed)


def test_no_nodes_and_no_edges() -> None:
    assert rows(from_edges(0, [], [])) == []
    assert rows(from_edges(3, [], [])) == [[], [], []]


def test_undirected_edges_are_followed_both_ways() -> None:
    graph = nx.karate_club_graph()
    read = read_followers(graph)
    assert read.labels == sorted(map(str, graph.nodes))
    assert rows(read.csr) == [sorted(read.labels.index(str(j)) for j in graph[int(i)]) for i in read.labels]


def test_directed_graphs_return_from_networkx_unchanged() -> None:
    graph = nx.DiGraph([("b", "a"), ("b", "c"), ("c", "b")])
    read = read_followers(graph)
    assert read.labels == ["a", "b", "c"]
    assert rows(read.csr) == [[], [0, 2], [1]]
    assert same(read.csr, read_followers(to_networkx(read.csr)).csr)


def test_export_keeps_nodes_without_follows() -> None:
    graph = to_networkx(from_edges(5, [1], [3]))
    assert (list(graph.nodes), list(graph.edges)) == ([0, 1, 2, 3, 4], [(1, 3)])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.floats(0, 1), st.floats(0, 1), st.integers(0, 1000))
def test_everyone_follows_the_mean_rounded(n: int, dense: float, triad: float, seed: int) -> None:
    mean = dense * (n - 1)
    csr = clustered_heavy_tailed(n, mean, triad, Streams(seed)["network"])
    degree = np.diff(csr.indptr)
    assert len(degree) == n
    assert degree.min() >= np.floor(mean) and degree.max() <= np.ceil(mean)
    follower = np.repeat(np.arange(n), degree)
    assert same(csr, from_edges(n, follower, csr.indices)), "sorted, without repeats or loops"


def test_mean_degree_need_not_be_whole() -> None:
    csr = clustered_heavy_tailed(5000, 3.3, 0.5, STREAM)
    assert len(csr.indices) / 5000 == pytest.approx(3.3, abs=0.03)


@pytest.mark.parametrize(("mean", "triad"), [(-1, 0.5), (10, 0.5), (2, 1.1), (2, -0.1), (float("nan"), 0.5)])
def test_impossible_graphs_are_refused(mean: float, triad: float) -> None:
    with pytest.raises(ValueError, match="no graph"):
        clustered_heavy_tailed(10, mean, triad, STREAM)


def test_the_graph_is_a_function_of_stream_and_size() -> None:
    first = clustered_heavy_tailed(500, 6, 0.5, STREAM)
    assert same(first, clustered_heavy_tailed(500, 6, 0.5, Streams(7)["network"]))
    assert not same(first, clustered_heavy_tailed(500, 6, 0.5, Streams(8)["network"]))


def test_compiled_and_plain_generator_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = clustered_heavy_tailed(120, 4.5, 0.6, STREAM)
    monkeypatch.setattr(graphs, "origin", lambda *words: np.uint64(origin(*words)))  # numba returns a plain int
    monkeypatch.setattr(graphs, "invert_choices", graphs.invert_choices.py_func)
    monkeypatch.setattr(friends, "choose_followed", graphs.choose_followed.py_func)
    assert same(compiled, clustered_heavy_tailed(120, 4.5, 0.6, STREAM))


def test_followers_have_a_heavy_tail() -> None:
    degree = np.sort(np.bincount(clustered_heavy_tailed(20_000, 12, 0.5, STREAM).indices))[::-1]
    exponent = 1 + 1 / np.log(degree[:200] / degree[200]).mean()  # Hill 1975
    assert 2.5 < exponent < 3.7, "Barabási & Albert 1999 and Holme & Kim 2002 have 3"
    assert degree[0] > 20 * degree.mean()


def test_triad_formation_clusters() -> None:
    def clustering(triad: float) -> float:
        return nx.average_clustering(to_networkx(clustered_heavy_tailed(2000, 6, triad, STREAM)).to_undirected())

    loose, middle, tight = clustering(0.0), clustering(0.5), clustering(1.0)
    assert loose + 0.03 < middle and middle + 0.03 < tight
    assert middle > 5 * 12 / 2000, "a random graph clusters as much as it is dense"


def test_nearly_all_users_reach_one_another() -> None:
    graph = to_networkx(clustered_heavy_tailed(4000, 10, 0.5, STREAM))
    assert len(max(nx.strongly_connected_components(graph), key=len)) > 0.95 * 4000
