"""What a learner sees in a warm kernel is what an ordinary kernel shows: the same notebook in both, compared."""

import hashlib
import json
import re
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from tfcourse.kernels import kernelspec, provisioner, warm

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="NO WARM KERNEL TESTED: only Linux has them"),
]

IMPORTS = "import tensorflow as tf, keras, numpy as np, matplotlib.pyplot as plt\nimport tfcourse"
"""What an ordinary kernel writes to stderr here is no loss."""

CELLS = {
    "python": """
        import sys, os, gc, signal, threading, faulthandler, locale, resource, warnings
        print([re.sub(r"[^/]*\\.json", "FILE", a) for re in [__import__("re")] for a in sys.argv])
        print(sys.path, sys.executable, sys.flags, sys.ps1, sys.stdin.read() == "")
        print(__name__, sys.modules["__main__"], "__file__" in globals(), __builtins__ is not None)
        print(gc.isenabled(), sys.getrecursionlimit(), faulthandler.is_enabled(), locale.getlocale(), os.umask(0o22))
        print(resource.getrlimit(resource.RLIMIT_NOFILE), os.sched_getaffinity(0), os.nice(0))
        print(sys.stdout.encoding, sys.stdout.isatty(), type(sys.stdout), sys.getfilesystemencoding())
        print(threading.current_thread(), threading.main_thread() is threading.current_thread())
        print(os.getsid(0) == os.getpgrp() == os.getpid())
        names = ["SIGINT", "SIGTERM", "SIGCHLD", "SIGPIPE", "SIGUSR1"]
        print({n: str(signal.getsignal(getattr(signal, n))).split(" at ")[0] for n in names})
        print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
        print(sorted(name for name in os.environ))
    """,
    "streams": """
        import logging, absl.logging
        print("to stdout"); print("to stderr", file=sys.stderr)
        tf.get_logger().warning("from TensorFlow")
        logging.warning("from root"); logging.getLogger("mine").error("from mine"); logging.info("not shown")
        absl.logging.warning("from absl")
        logging.getLogger("matplotlib").warning("from matplotlib")
        print(tf.get_logger().level, logging.root.level, logging.root.handlers, tf.get_logger().handlers)
    """,
    "warnings": """
        warnings.warn("shown"); warnings.warn("shown, too", DeprecationWarning); warnings.warn("not", ImportWarning)
        np.float64(1) / 0; np.log(-1)
    """,
    "descriptors": """
        os.write(1, b"by number"); os.system("echo by a shell; echo loudly >&2")
        import time; time.sleep(0.5)
    """,
    "shell": "!echo in a subprocess; echo $MPLBACKEND $TERM $PAGER",
    "magics": "%lsmagic",
    "pinfo": "len?",
    "history": "21 * 2\n",
    "last": "_ + len(In) - len(In), Out != {}",
    "await": "import asyncio; await asyncio.sleep(0, 'awaited')",
    "error": "def divide(x):\n    return x / 0\ndivide(1)",
    "deep error": "keras.layers.Dense('many')",
    "input": "input('Name? ')",
    "syntax": "for",
    "figure": """
        fig, ax = plt.subplots(); ax.plot(np.arange(9) ** 2); ax.set_title("A title")
        print(plt.get_backend(), sorted(map(str, plt.rcParams.items())))
        plt.show()
    """,
    "figure at the end": "plt.hist([1, 2, 2]);",
    "retina": "%config InlineBackend.figure_format = 'svg'\nplt.rcParams['svg.hashsalt'] = 'x'; plt.plot([1, 2]);",
    "agg": "%matplotlib agg\nprint(plt.get_backend())\nplt.plot([1, 2]);",
    "inline again": "%matplotlib inline\nprint(plt.get_backend())\nplt.plot([1, 2]);",
    "display": """
        from IPython.display import display, HTML, Image
        handle = display("first", display_id="mine"); handle.update("second"); display(HTML("<b>bold</b>"))
        np.eye(2)
    """,
    "table": "import pandas as pd; pd.DataFrame(np.arange(90).reshape(3, 30))",
    "table's options": "pd.get_option('display.max_columns'), pd.get_option('display.notebook_repr_html')",
    "tensor": "tf.constant([[1.0, 2.0]])",
    "model": """
        keras.utils.set_random_seed(7)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)])
        model.summary()
        model.compile("adam", "mse")
        x = np.random.normal(size=(256, 3)).astype("float32")
        history = model.fit(x, x.sum(1), epochs=2, verbose=0)
        print(history.history["loss"], model.predict(x[:2], verbose=0))
    """,
    "function": """
        @tf.function
        def traced(x):
            tf.print("printed by TensorFlow", output_stream=sys.stdout)
            return x + 1
        traced(tf.constant(1))
    """,
    "threads": """
        os.environ["TF_NUM_INTRAOP_THREADS"], tf.config.list_physical_devices()
    """,
    "subprocess": """
        import subprocess
        print(subprocess.run([sys.executable, "-c", "import sys; print(sys.argv, sys.stdin.read())"],
              capture_output=True, text=True, stdin=subprocess.DEVNULL))
    """,
    "multiprocessing": """
        import multiprocessing
        def square(x): return x * x
        with multiprocessing.get_context("fork").Pool(2) as pool: print(pool.map(square, range(4)))
        with multiprocessing.get_context("spawn").Pool(1) as pool: print(pool.map(abs, [-1]))
        print(multiprocessing.current_process(), multiprocessing.active_children())
    """,
    "pickle": """
        import pickle, tempfile, pathlib
        class Thing: pass
        print(type(pickle.loads(pickle.dumps(Thing()))) is Thing, Thing.__module__)
        print(pathlib.Path(tempfile.gettempdir()), pathlib.Path.cwd())
    """,
    "process end": "exit()",
}


def run(folder):
    """Run the cells; return what each put out, and how its process is started."""
    notebook = nbformat.v4.new_notebook()
    texts = [IMPORTS, *(_dedent(text) for text in CELLS.values())]
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in texts]
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=120,
        allow_errors=True,
        allow_error_names=["all"],
        resources={"metadata": {"path": str(folder)}},
    )
    with client.setup_kernel():
        process = client.km.provisioner.process
        for index, cell in enumerate(notebook.cells[:-1]):
            client.execute_cell(cell, index)
    return {name: _outputs(cell) for name, cell in zip(CELLS, notebook.cells[1:], strict=True)}, process


def _dedent(text):
    import textwrap

    return textwrap.dedent(text).strip()


def _outputs(cell):
    """Return a cell's outputs, without what differs from run to run; the order of two streams is not fixed."""
    found = {"stdout": "", "stderr": "", "others": []}
    for output in cell.outputs:
        if output.output_type == "stream":
            found[output.name] += output.text
        else:
            data = re.sub(r"<dc:date>[^<]*", "DATE", json.dumps(output, sort_keys=True))
            found["others"].append(data if len(data) < 5000 else hashlib.sha256(data.encode()).hexdigest())
    text = json.dumps(found, indent=1)
    text = re.sub(r"0x[0-9a-f]{6,}", "ADDRESS", text)
    text = re.sub(r"started \d+", "started TIME", text)
    text = re.sub(r"ipykernel_\d+", "ipykernel_PROCESS", text)
    return re.sub(r"[WIEF]\d{4} [\d:.]+ +\d+ ", "TIME ", text)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", kernelspec.jupyter_path())
        patch.delenv("PYTEST_CURRENT_TEST")  # ipykernel would leave out what is written by a descriptor's number
        patch.setenv(warm.SWITCH, "0")
        ordinary, process = run(folder)
        assert not isinstance(process, provisioner.WarmProcess)
        patch.delenv(warm.SWITCH)
        patch.setenv("TFCOURSE_WARN", "0")  # so that both see as many variables
        ours, process = run(folder)
        assert isinstance(process, provisioner.WarmProcess)
    return ordinary, ours


@pytest.mark.parametrize("name", CELLS)
def test_a_warm_kernel_shows_what_an_ordinary_one_shows(both, name):
    ordinary, ours = both
    assert ours[name].splitlines() == ordinary[name].replace("TFCOURSE_WARM", "TFCOURSE_WARN").splitlines()


def test_the_cells_show_something(both):
    ordinary, _ = both
    nothing = json.dumps({"stdout": "", "stderr": "", "others": []}, indent=1)
    assert {name for name, text in ordinary.items() if text == nothing} == {"pinfo", "process end"}


def test_two_warm_kernels_draw_different_random_numbers(monkeypatch):
    """… from every generator that a learner meets; nobody has set a seed."""
    draw = """
        import random, secrets, uuid
        print(random.random(), np.random.random(), np.random.default_rng().random(), float(tf.random.uniform([])))
        print(float(keras.random.uniform([])), float(keras.layers.Dense(1)(np.ones((1, 1)))[0, 0]))
        print(float(tf.random.Generator.from_non_deterministic_state().uniform([])))
        print(next(iter(tf.data.Dataset.range(10**6).shuffle(10**4))).numpy(), uuid.uuid4(), secrets.token_hex(9))
    """
    monkeypatch.setenv("JUPYTER_PATH", kernelspec.jupyter_path())
    drawn = []
    for _ in range(2):
        cells = [nbformat.v4.new_code_cell(text) for text in (IMPORTS, _dedent(draw))]
        notebook = nbformat.v4.new_notebook(cells=cells)
        NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
        # On a slow machine what is printed comes in several pieces.
        drawn.append("".join(output.text for output in notebook.cells[1].outputs).split())
    assert len(drawn[0]) == 10
    assert not set(drawn[0]) & set(drawn[1])
