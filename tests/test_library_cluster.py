"""The library past one machine: a Ray cluster of three nodes, one of which dies, and a table on an object store."""

import os
import urllib.request
import uuid

import pytest
from conftest import save_tiny_embedder
from made_pdfs import book_page, distinct, make_pdf

from ragkit.library import add, cluster, near, open_library
from ragkit.models.embedder import load_embedder

N_FILES = 24


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A real embedding model of random weights, in a folder: what a worker on another machine can load."""
    folder = save_tiny_embedder(tmp_path_factory.mktemp("model"))
    return load_embedder(str(folder), device="cpu")


@pytest.fixture
def shelf(tmp_path):
    """Two dozen PDFs, and one that is none."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for i in range(N_FILES):
        make_pdf(folder / f"{i:02}.pdf", *[book_page(body=f"Book {i}. {distinct(i + k)}") for k in range(3)])
    (folder / "bad.pdf").write_text("no PDF")
    return folder


@pytest.fixture
def three_nodes(monkeypatch):
    """A Ray cluster of a head and two workers, as real processes."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "300")  # a busy machine starts them slowly
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    memory = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
    nodes = Cluster(initialize_head=True, head_node_args=memory | {"include_dashboard": False})
    workers = [nodes.add_node(**memory) for _ in range(2)]
    monkeypatch.setenv("RAY_ADDRESS", nodes.address)
    yield nodes, workers
    ray.shutdown()
    nodes.shutdown()


def rows_of(library):
    return library.table.to_arrow().sort_by([("source", "ascending"), ("chunk", "ascending")])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore:lancedb fork support")
def test_a_node_dies_and_nothing_is_lost_or_there_twice(tmp_path, shelf, tiny, three_nodes, monkeypatch):
    import ray

    real, (nodes, workers), killed = cluster.made_on_a_cluster, three_nodes, []

    def made_while_a_node_dies(*arguments):
        for i, job in enumerate(real(*arguments)):
            if i == 2:
                actors = ray._private.state.actors().values()
                busy = {actor["Address"]["NodeID"] for actor in actors if actor["State"] == "ALIVE"}
                (victim, *_) = [node for node in workers if node.node_id in busy] or workers
                nodes.remove_node(victim, allow_graceful=False)
                killed.append(victim.node_id in busy)
            yield job

    monkeypatch.setattr(cluster, "made_on_a_cluster", made_while_a_node_dies)
    many = open_library(tmp_path / "many", tiny)
    added = add(shelf, many, workers=3)
    assert killed, "no node died"
    assert (len(added.new), list(added.left_out)) == (N_FILES, ["shelf/bad.pdf"])
    assert sum(node["Alive"] for node in ray.nodes()) == 2
    monkeypatch.delenv("RAY_ADDRESS")
    one = open_library(tmp_path / "one", tiny)
    add(shelf, one)
    assert rows_of(many).equals(rows_of(one), check_metadata=True)
    assert len(add(shelf, open_library(tmp_path / "many", tiny)).unchanged) == N_FILES


@pytest.fixture
def bucket(monkeypatch):
    """A bucket on the S3 server at RAGKIT_TEST_S3, such as http://127.0.0.1:5000."""
    endpoint = os.environ.get("RAGKIT_TEST_S3")
    if not endpoint:
        pytest.skip("set RAGKIT_TEST_S3 to the address of an S3 server")
    about = {
        "ENDPOINT": endpoint,
        "ACCESS_KEY_ID": "test",
        "SECRET_ACCESS_KEY": "test",
        "REGION": "us-east-1",
    }
    for name, value in (about | {"ALLOW_HTTP": "true"}).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    name = f"ragkit-{uuid.uuid4().hex[:8]}"
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{name}", method="PUT")).close()
    return name


def test_a_table_on_an_object_store_is_the_same_table(tmp_path, shelf, tiny, bucket):
    here, there = open_library(tmp_path / "here", tiny), open_library(f"s3://{bucket}/library", tiny)
    for library in (here, there):
        assert len(add(shelf, library).new) == N_FILES
    assert rows_of(there).equals(rows_of(here), check_metadata=True)
    make_pdf(shelf / "00.pdf", book_page(body="Whales sing in the sea."))
    (shelf / "01.pdf").unlink()
    again = open_library(f"s3://{bucket}/library", tiny)
    added = add(shelf, again)
    assert (added.changed, added.removed) == (["shelf/00.pdf"], ["shelf/01.pdf"])
    add(shelf, here)
    assert rows_of(again).equals(rows_of(here), check_metadata=True)
    assert near("Which animals sing?", again).search("Whales sing", top_k=1)["source"][0] == "shelf/00.pdf"
