"""Where the public data sets come from: the one place of addresses, digests, sizes and licences.

Nothing here is measured by us. Each digest is pinned by a project that publishes the data or builds on them;
``pinned_by`` says which.
"""

from __future__ import annotations

from dataclasses import dataclass

from tfcourse.datasets.public.download import RemoteFile

_KERAS = "keras.datasets"
_TFDS = "TensorFlow Datasets, tensorflow_datasets/url_checksums"
_DARTS = "darts.datasets"
_GOOGLE = "https://storage.googleapis.com"
_DARTS_FILES = "https://raw.githubusercontent.com/unit8co/darts/master/datasets"


@dataclass(frozen=True)
class Source:
    """A public data set.

    Args:
        files: What is downloaded, in the order in which the loader reads it.
        licence: Under which terms, as far as the publisher says.
        pinned_by: The project whose digests these are.
    """

    files: tuple[RemoteFile, ...]
    licence: str
    pinned_by: str


def _fashion(part: str, digest: str, size: int) -> RemoteFile:
    return RemoteFile(
        f"fashion-{part}.gz",
        f"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{part}.gz",
        f"sha256:{digest}",
        size,
    )


SOURCES = {
    "california_housing": Source(
        (
            RemoteFile(
                "california_housing.npz",
                f"{_GOOGLE}/tensorflow/tf-keras-datasets/california_housing.npz",
                "sha256:1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
            ),
        ),
        "from the United States census of 1990, by way of StatLib; no licence stated",
        _KERAS,
    ),
    "fashion_mnist": Source(
        (
            _fashion(
                "train-images-idx3-ubyte",
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                26_421_880,
            ),
            _fashion(
                "train-labels-idx1-ubyte", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", 29_515
            ),
            _fashion(
                "t10k-images-idx3-ubyte", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", 4_422_102
            ),
            _fashion(
                "t10k-labels-idx1-ubyte", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", 5_148
            ),
        ),
        "MIT, Zalando SE",
        _TFDS,
    ),
    "titanic": Source(
        (
            RemoteFile(
                "titanic.csv",
                "https://www.openml.org/data/get_csv/16826755/phpMYEkMl",
                "sha256:c617db2c7470716250f6f001be51304c76bcc8815527ab8bae734bdca0735737",
                117_743,
            ),
        ),
        "public; compiled by F. E. Harrell and T. Cason, by way of OpenML",
        _TFDS,
    ),
    "mnist": Source(
        (
            RemoteFile(
                "mnist.npz",
                f"{_GOOGLE}/tensorflow/tf-keras-datasets/mnist.npz",
                "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            ),
        ),
        "CC BY-SA 3.0, Y. LeCun and C. Cortes",
        _KERAS,
    ),
    "cifar10": Source(
        (
            RemoteFile(
                "cifar-10-binary.tar.gz",
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                170_052_171,
            ),
        ),
        "none stated; A. Krizhevsky, 2009, for research",
        _TFDS,
    ),
    "horses_or_humans": Source(
        (
            RemoteFile(
                "horse-or-human.zip",
                f"{_GOOGLE}/download.tensorflow.org/data/horse-or-human.zip",
                "sha256:e2e6f70d3d549c5dd10a57165e55af253ee66ad750403f95c0fb76bb943633a9",
                149_574_867,
            ),
            RemoteFile(
                "validation-horse-or-human.zip",
                f"{_GOOGLE}/download.tensorflow.org/data/validation-horse-or-human.zip",
                "sha256:ae5fff2f4f5554791f05358108e2e05d9801b191f1896ea101402f0e7f6c32c0",
                11_480_187,
            ),
        ),
        "CC BY 2.0, L. Moroney; rendered by computer",
        _TFDS,
    ),
    "rock_paper_scissors": Source(
        (
            RemoteFile(
                "rps.zip",
                f"{_GOOGLE}/download.tensorflow.org/data/rps.zip",
                "sha256:c2403444395842ad04c53612bad54b574443eae17a0723117a2ff87b9d72194f",
                200_682_221,
            ),
            RemoteFile(
                "rps-test-set.zip",
                f"{_GOOGLE}/download.tensorflow.org/data/rps-test-set.zip",
                "sha256:c27ab9fa43ce40b2e453de711365b477f4424586edf0388116674fd320f07503",
                29_516_758,
            ),
        ),
        "CC BY 2.0, L. Moroney; rendered by computer",
        _TFDS,
    ),
    "flowers": Source(
        (
            RemoteFile(
                "flower_photos.tgz",
                "http://download.tensorflow.org/example_images/flower_photos.tgz",
                "sha256:4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
                228_813_984,
            ),
        ),
        "CC BY, each photograph by its own author (LICENSE.txt in the archive)",
        _TFDS,
    ),
    "imdb": Source(
        (
            RemoteFile(
                "aclImdb_v1.tar.gz",
                "http://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
                "sha256:c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
                84_125_825,
            ),
        ),
        "none stated; A. Maas and others, 2011, for research",
        _TFDS,
    ),
    "newsgroups": Source(
        (
            RemoteFile(
                "20news-bydate.tar.gz",
                "https://ndownloader.figshare.com/files/5975967",
                "sha256:8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610",
            ),
        ),
        "none stated; messages of 1993, collected by K. Lang, sorted by J. Rennie",
        "sklearn.datasets.fetch_20newsgroups",
    ),
    "acceptability": Source(
        (
            RemoteFile(
                "CoLA.zip",
                "https://dl.fbaipublicfiles.com/glue/data/CoLA.zip",
                "sha256:f212fcd832b8f7b435fb991f101abf89f96b933ab400603bf198960dfc32cbff",
                376_971,
            ),
        ),
        "sentences quoted from publications, fair use claimed by the authors; A. Warstadt and others, 2018",
        _TFDS,
    ),
    "shakespeare": Source(
        (
            RemoteFile(
                "shakespeare.txt",
                "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
                "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
                1_115_394,
            ),
        ),
        "public domain",
        _TFDS,
    ),
    "sunspots": Source(
        (
            RemoteFile(
                "monthly-sunspots.csv",
                f"{_DARTS_FILES}/monthly-sunspots.csv",
                "md5:4d27019c43d9c256d528f1bd6c5f40e0",
            ),
        ),
        "observations in Zurich and Tokyo, by way of R's data sets; no licence stated",
        _DARTS,
    ),
    "daily_temperatures": Source(
        (RemoteFile("temps.csv", f"{_DARTS_FILES}/temps.csv", "md5:ce5b5e4929793ec8b6a54711110acebf"),),
        "Australian Bureau of Meteorology, by way of the Time Series Data Library; no licence stated",
        _DARTS,
    ),
    "climate": Source(
        (RemoteFile("jena-weather-2020.csv", f"{_DARTS_FILES}/weather.csv", "md5:a2942a05638ba311bc7935bcc087a30f"),),
        "Max Planck Institute for Biogeochemistry, Jena; no licence stated",
        _DARTS,
    ),
    "taxi": Source(
        (
            RemoteFile(
                "taxi_new_york_passengers.csv",
                f"{_DARTS_FILES}/taxi_new_york_passengers.csv",
                "md5:0a81adf1b74354a8ec18c30e9e8fe5f0",
            ),
        ),
        "New York City Taxi and Limousine Commission, by way of the Numenta Anomaly Benchmark; no licence stated",
        _DARTS,
    ),
}
"""Public data sets by name; `tfcourse.datasets.public` has a ``load_NAME`` for each."""
