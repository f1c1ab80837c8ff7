"""Public data: downloaded once, whole and right, or not at all. The server is one of ours, on loopback."""

import csv
import gzip
import hashlib
import http.server
import io
import re
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfcourse.datasets import public
from tfcourse.datasets.public import download, sources
from tfcourse.datasets.public.download import RemoteFile, cache_folder, fetch
from tfcourse.errors import DataUnavailable

CURRICULUM = Path(__file__).parents[2] / "curriculum"
CONTENT = b"rolls and bread\n" * 40_000


class Files(http.server.BaseHTTPRequestHandler):
    """Serves `server.files`; cuts answers off, fails or ignores ranges as the server is told."""

    def do_GET(self):
        server = self.server
        span = self.headers.get("Range")
        server.requests.append((self.path, span))
        if server.failures:
            self.send_error(server.failures.pop(0))
            return
        content = server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", span)[1]) if span and server.knows_ranges else 0
        if start and start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = len(content)
        if server.cuts:
            end = start + server.cuts.pop(0)
        self.wfile.write(content[start:end])

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        server.files, server.requests, server.failures, server.cuts = {}, [], [], []
        server.knows_ranges = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("TFCOURSE_DATA", str(folder))
    monkeypatch.setattr(download, "PAUSE", 0.01)
    return folder


def sha256(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def remote(server, content=CONTENT, *, name="bread.txt", digest=None, size=-1):
    server.files[f"/{name}"] = content
    host, port = server.server_address
    size = len(content) if size == -1 else size
    return RemoteFile(name, f"http://{host}:{port}/{name}", digest or sha256(content), size)


def left_in(cache):
    return sorted(path.name for path in cache.iterdir() if not path.name.endswith(".lock"))


# --- download ---


def test_a_file_is_downloaded_and_nothing_else_is_left(server, cache):
    path = fetch(remote(server))
    assert path == cache / "bread.txt"
    assert path.read_bytes() == CONTENT
    assert left_in(cache) == ["bread.txt"]


def test_a_file_in_the_cache_is_not_asked_for_again(server):
    file = remote(server)
    fetch(file)
    fetch(file)
    assert len(server.requests) == 1


def test_an_md5_where_nothing_else_is_pinned(server):
    digest = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
    assert fetch(remote(server, digest=digest, size=None)).read_bytes() == CONTENT


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_download_that_is_cut_off_goes_on_where_it_stopped(server, size):
    server.cuts = [300_000, 150_000]
    assert fetch(remote(server, size=size)).read_bytes() == CONTENT
    assert [span for _, span in server.requests] == [None, "bytes=300000-", "bytes=450000-"]


def test_a_server_that_knows_no_ranges_begins_anew(server):
    server.knows_ranges = False
    server.cuts = [300_000]
    assert fetch(remote(server)).read_bytes() == CONTENT


def test_a_download_goes_on_in_another_run(server, cache):
    cache.mkdir()
    (cache / ".bread.txt.part").write_bytes(CONTENT[:1000])
    assert fetch(remote(server)).read_bytes() == CONTENT
    assert server.requests == [("/bread.txt", "bytes=1000-")]


@pytest.mark.parametrize("stale", [b"stale" * 1000, CONTENT + b"and more", b"x" * len(CONTENT)])
def test_what_another_file_left_behind_does_not_spoil_the_download(server, cache, stale):
    cache.mkdir()
    (cache / ".bread.txt.part").write_bytes(stale)
    assert fetch(remote(server)).read_bytes() == CONTENT
    assert left_in(cache) == ["bread.txt"]


@pytest.mark.parametrize("wrong", [b"rolls and stones" * 10, CONTENT[:-1] + b"!", CONTENT * 3])
def test_another_content_is_refused_and_deleted(server, cache, wrong):
    file = remote(server, wrong, digest=sha256(CONTENT), size=len(CONTENT))
    with pytest.raises(DataUnavailable, match=r"Expected bread\.txt with sha256:.*; found sha256:.*\. It was changed"):
        fetch(file)
    assert left_in(cache) == []


def test_a_server_that_is_busy_is_asked_again(server):
    server.failures = [503, 429]
    assert fetch(remote(server)).read_bytes() == CONTENT


def test_a_file_that_has_moved_is_not_asked_for_again(server, cache):
    file = remote(server)
    server.files.clear()
    with pytest.raises(DataUnavailable, match=r"found: 404 Not Found\. The file has moved.*No score"):
        fetch(file)
    assert len(server.requests) == 1
    assert left_in(cache) == []


def test_no_connection(server):
    file = remote(server)
    server.shutdown()
    server.server_close()
    with pytest.raises(
        DataUnavailable, match=r"Expected to download bread\.txt \(0\.6 MB\) from 127\.0\.0\.1; found: .*No score"
    ):
        fetch(file)


def test_a_connection_that_never_holds_keeps_what_it_got(server, cache):
    server.cuts = [1_000] * download.ATTEMPTS
    with pytest.raises(DataUnavailable, match="the connection ended after 4,000 of 640,000 bytes"):
        fetch(remote(server))
    assert (cache / ".bread.txt.part").read_bytes() == CONTENT[:4_000]


def test_a_folder_that_cannot_be_written(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TFCOURSE_DATA", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataUnavailable, match=r"Expected to write bread\.txt to .*Set TFCOURSE_DATA"):
        fetch(remote(server))


def test_a_digest_of_an_unknown_kind(server):
    with pytest.raises(ValueError, match="begins with sha256: or md5:"):
        fetch(remote(server, digest="crc32:123"))


def test_two_processes_at_once_download_once(server, cache):
    server.cuts = [100_000, 100_000]
    file = remote(server)
    code = (
        "from tfcourse.datasets.public import download\n"
        "download.PAUSE = 0.3\n"
        f"print(download.fetch(download.RemoteFile({file.name!r}, {file.url!r}, {file.digest!r}, {file.size!r})))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = {process.communicate(timeout=120)[0].strip() for process in both}
    assert answers == {str(cache / "bread.txt")}
    assert (cache / "bread.txt").read_bytes() == CONTENT
    assert [span for _, span in server.requests] == [None, "bytes=100000-", "bytes=200000-"]


def test_a_large_download_tells_how_far_it_is(server, capsys):
    fetch(remote(server, bytes(6_000_000)))
    shown = capsys.readouterr()
    assert "bread.txt: 6 of 6 MB" in shown.out
    assert shown.err == ""


def test_the_folder_of_downloads(monkeypatch, tmp_path):
    monkeypatch.setenv("TFCOURSE_DATA", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("TFCOURSE_DATA")
    assert cache_folder().name == "tfcourse"


# --- loaders, on small files in the formats of the real ones ---


@pytest.fixture
def offer(server, monkeypatch):
    """Return a function that makes a source serve other contents."""

    def put(name, *contents):
        files = [
            remote(server, content, name=file.name)
            for file, content in zip(sources.SOURCES[name].files, contents, strict=True)
        ]
        source = sources.SOURCES[name]
        changed = sources.Source(tuple(files), source.licence, source.pinned_by)
        monkeypatch.setitem(sources.SOURCES, name, changed)

    return put


def npz(**arrays):
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def picture(red, kind="PNG", size=(30, 20)):
    out = io.BytesIO()
    Image.new("RGB", size, (red, 0, 0)).save(out, kind)
    return out.getvalue()


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    return gzip.compress(header + array.astype(np.uint8).tobytes())


def test_california_housing(offer):
    offer("california_housing", npz(x=np.arange(80.0).reshape(10, 8), y=np.arange(10.0)))
    (x_train, y_train), (x_test, y_test) = public.load_california_housing()
    assert x_train.shape == (8, len(public.HOUSING_COLUMNS))
    assert x_train.dtype == y_train.dtype == np.float32
    assert list(y_test) == [4, 9]
    assert list(x_test[:, 0]) == [32, 72]


def test_fashion_mnist(offer):
    x, y = np.arange(2 * 28 * 28).reshape(2, 28, 28) % 256, np.array([3, 9])
    offer("fashion_mnist", idx(x), idx(y), idx(x[:1]), idx(y[:1]))
    (x_train, y_train), (x_test, y_test) = public.load_fashion_mnist()
    np.testing.assert_array_equal(x_train, x)
    assert x_train.dtype == np.uint8
    assert y_train.dtype == np.int64
    assert (x_test.shape, list(y_train), list(y_test)) == ((1, 28, 28), [3, 9], [3])


def test_mnist(offer):
    x, y = np.zeros((3, 28, 28), np.uint8), np.array([7, 0, 1], np.uint8)
    offer("mnist", npz(x_train=x, y_train=y, x_test=x[:1], y_test=y[:1]))
    (x_train, y_train), (_, y_test) = public.load_mnist()
    assert x_train.shape == (3, 28, 28)
    assert (y_train.dtype, list(y_train), list(y_test)) == (np.int64, [7, 0, 1], [7])


def test_titanic(offer):
    header = "pclass,survived,name,sex,age,sibsp,parch,ticket,fare,cabin,embarked,boat,body,home.dest"
    rows = [
        '1,1,"Allen, Miss. Elisabeth",female,29,0,0,24160,211.3375,B5,S,2,?,"St Louis, MO"',
        '3,0,"Zabour, Miss. Thamine",female,?,1,0,2665,?,?,C,?,?,?',
    ]
    offer("titanic", "\n".join([header, *rows * 3]).encode())
    (x_train, y_train), (x_test, _) = public.load_titanic()
    np.testing.assert_allclose(x_train[0], [1, 1, 29, 0, 0, 211.3375, 2])
    np.testing.assert_allclose(x_train[1], [3, 1, np.nan, 1, 0, np.nan, 0])
    assert x_train.shape == (5, len(public.TITANIC_COLUMNS))
    assert (list(y_train), len(x_test)) == ([1, 0, 1, 0, 0], 1)


def test_cifar10(offer):
    def batch(label):
        return bytes([label]) + bytes([10] * 1024 + [20] * 1024 + [30] * 1024)

    files = {f"cifar-10-batches-bin/data_batch_{n}.bin": batch(n) * 2 for n in range(1, 6)}
    offer("cifar10", tar({**files, "cifar-10-batches-bin/test_batch.bin": batch(9)}))
    (x_train, y_train), (x_test, y_test) = public.load_cifar10()
    assert x_train.shape == (10, 32, 32, 3)
    assert list(x_test[0, 0, 0]) == [10, 20, 30]
    assert (list(y_train), list(y_test)) == ([1, 1, 2, 2, 3, 3, 4, 4, 5, 5], [9])


def test_horses_or_humans(offer):
    train = {"horses/horse01-0.png": picture(10), "humans/human01-0.png": picture(200)}
    more = {"horses/": b"", "__MACOSX/horses/._horse01-0.png": b"no picture"}
    offer("horses_or_humans", zipped(train | more), zipped({"humans/valhuman01-0.png": picture(200)}))
    (x_train, y_train), (x_test, y_test) = public.load_horses_or_humans(size=8)
    assert x_train.shape == (2, 8, 8, 3)
    assert x_train.dtype == np.uint8
    assert [int(x[0, 0, 0]) for x in x_train] == [200 if y else 10 for y in y_train]
    assert (x_test.shape, list(y_test)) == ((1, 8, 8, 3), [1])


def test_rock_paper_scissors(offer):
    train = {f"rps/{hand}/{hand}01-000.png": picture(10 * k) for k, hand in enumerate(public.HANDS)}
    offer("rock_paper_scissors", zipped(train), zipped({"rps-test-set/rock/testrock01-00.png": picture(10)}))
    (x_train, y_train), (_, y_test) = public.load_rock_paper_scissors(size=4)
    assert [int(x[0, 0, 0]) for x in x_train] == [10 * y for y in y_train]
    assert (sorted(y_train), list(y_test)) == ([0, 1, 2], [1])


def test_flowers_of_all_shapes(offer):
    files = {
        f"flower_photos/{name}/{n}.jpg": picture(50 * k, "JPEG", (30 + n, 20))
        for k, name in enumerate(public.FLOWERS)
        for n in range(2)
    }
    offer("flowers", tar({**files, "flower_photos/LICENSE.txt": b"by their authors"}))
    (x_train, y_train), (x_test, y_test) = public.load_flowers(size=6)
    assert (x_train.shape, x_test.shape) == ((8, 6, 6, 3), (2, 6, 6, 3))
    assert sorted([*y_train, *y_test]) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert all(abs(int(x[0, 0, 0]) - 50 * y) < 5 for x, y in zip(x_train, y_train, strict=True))


def test_imdb(offer):
    files = {
        "aclImdb/train/pos/0_9.txt": "A fine film.<br />Très bien.".encode(),
        "aclImdb/train/neg/0_2.txt": b"Dull.",
        "aclImdb/train/unsup/0_0.txt": b"No label.",
        "aclImdb/test/neg/7_1.txt": b"Duller.",
    }
    offer("imdb", tar(files))
    (x_train, y_train), (x_test, y_test) = public.load_imdb()
    assert dict(zip(x_train, y_train, strict=True)) == {"A fine film. Très bien.": 1, "Dull.": 0}
    assert (list(x_test), list(y_test)) == (["Duller."], [0])


def test_newsgroups(offer):
    files = {
        "20news-bydate-train/sci.space/60000": b"From: a\nSubject: sci.space\n\nThe moon.\n\nAgain.",
        "20news-bydate-train/alt.atheism/49960": b"From: b\n\nNo.",
        "20news-bydate-test/sci.space/61000": b"From: c\n\nMars \xe9.",
    }
    offer("newsgroups", tar(files))
    (x_train, y_train), (x_test, y_test) = public.load_newsgroups()
    assert dict(zip(x_train, y_train, strict=True)) == {"The moon.\n\nAgain.": 1, "No.": 0}
    assert (list(x_test), list(y_test)) == (["Mars é."], [1])


def test_acceptability(offer):
    lines = b"gj04\t1\t\tThe car honked.\ngj04\t0\t*\tHonked the car down.\n"
    offer(
        "acceptability", zipped({"CoLA/train.tsv": lines, "CoLA/dev.tsv": lines.splitlines()[0], "CoLA/test.tsv": b"x"})
    )
    (x_train, y_train), (x_test, _) = public.load_acceptability()
    assert list(x_train) == ["The car honked.", "Honked the car down."]
    assert (list(y_train), len(x_test)) == ([1, 0], 1)


def test_shakespeare(offer):
    offer("shakespeare", b"First Citizen:\nSpeak, speak.\n")
    assert public.load_shakespeare() == "First Citizen:\nSpeak, speak.\n"


def test_sunspots(offer):
    offer("sunspots", b'"Month","Sunspots"\n"1749-01",58.0\n"1749-02",62.6\n')
    months, spots = public.load_sunspots()
    assert [str(month) for month in months] == ["1749-01", "1749-02"]
    np.testing.assert_allclose(spots, [58.0, 62.6])


def test_daily_temperatures(offer):
    offer("daily_temperatures", b"Date,Daily minimum temperatures\n1/1/1981,20.7\n12/31/1990,?0.2\n")
    days, degrees = public.load_daily_temperatures()
    assert [str(day) for day in days] == ["1981-01-01", "1990-12-31"]
    np.testing.assert_allclose(degrees, [20.7, 0.2])


def test_climate(offer):
    out = io.StringIO()
    csv.writer(out).writerows([["Date Time", "p (mbar)", "T (degC)"], ["01.01.2020 00:10:00", 1008.9, 0.71]])
    offer("climate", out.getvalue().encode())
    times, values, names = public.load_climate()
    assert str(times[0]) == "2020-01-01T00:10:00"
    np.testing.assert_allclose(values, [[1008.9, 0.71]], rtol=1e-6)
    assert names == ("p (mbar)", "T (degC)")


def test_taxi(offer):
    offer("taxi", b"time,#Passengers\n2014-07-01 00:00:00,10844\n2014-07-01 00:30:00,8127\n")
    times, passengers = public.load_taxi()
    assert [str(time) for time in times] == ["2014-07-01T00:00", "2014-07-01T00:30"]
    assert list(passengers) == [10844, 8127]


@pytest.mark.parametrize("pack", [tar, zipped])
def test_an_archive_with_an_evil_path_writes_nothing_anywhere(server, cache, tmp_path, pack):
    evil = {"../../evil.txt": b"1", "/tmp/evil.txt": b"2", "aclImdb/train/pos/../../../../evil/0_1.txt": b"3"}
    path = fetch(remote(server, pack(evil), name="evil.zip" if pack is zipped else "evil.tar.gz"))
    before = sorted(tmp_path.rglob("*"))
    wanted = re.compile(r"aclImdb/(train|test)/(neg|pos)/\d+_\d+\.txt")
    assert list(public._members(path, wanted)) == []
    assert sorted(tmp_path.rglob("*")) == before


def test_what_only_looks_like_an_archive(cache):
    cache.mkdir()
    (cache / "not.zip").write_bytes(b"no archive")
    with pytest.raises(DataUnavailable, match=r"Expected an archive in .*not\.zip"):
        list(public._members(cache / "not.zip", re.compile(".*")))


def test_a_pickle_in_an_array_file_is_refused(offer):
    offer("mnist", npz(x_train=np.array([{"a": 1}], object), y_train=np.zeros(1)))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        public.load_mnist()


# --- the table, and the lessons ---


def test_every_source_has_a_loader_and_every_loader_a_source():
    assert {f"load_{name}" for name in sources.SOURCES} == {name for name in public.__all__ if name.startswith("load_")}


def test_digests_and_addresses_are_well_formed():
    files = [file for source in sources.SOURCES.values() for file in source.files]
    assert len({file.name for file in files}) == len({file.url for file in files}) == len(files)
    for file in files:
        assert re.fullmatch(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", file.digest), file.name
        assert re.fullmatch(r"https?://[\w.-]+/\S+", file.url), file.url
    assert all(source.licence and source.pinned_by for source in sources.SOURCES.values())


def test_every_loader_that_a_lesson_names_exists():
    for lesson in sorted(CURRICULUM.glob("*/lesson.py")):
        text = lesson.read_text(encoding="utf-8")
        for names in re.findall(r"from tfcourse\.datasets\.public import ([\w, ]+)", text):
            for name in names.split(","):
                assert name.strip() in public.__all__, f"{lesson.parent.name} names {name.strip()}"
