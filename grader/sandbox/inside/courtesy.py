"""What a submission's own code is told when it imports, asks a person or ends the program.

A courtesy and no wall: the sandbox is the wall. Only the submission's frames have these built-ins; libraries import as
they always do.
"""

import builtins
import importlib
import io
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from grader.sandbox.inside.errors import ForbiddenImportError, MissingFileError, NoInputError, Told, line_in

DOES_THE_TASK = frozenset(
    """
    numpy pandas scipy sklearn keras tensorflow torch jax flax polars cupy dask numba cvxpy statsmodels xgboost lightgbm
    catboost networkx nltk spacy gensim jieba transformers sentence_transformers faiss rank_bm25 implicit surprise
    lightfm recbole deepctr deepctr_torch tensorflow_recommenders torchvision cv2 skimage PIL snownlp textblob
    """.split()
)
"""Libraries that do what a kata asks for, or much of it."""
_OTHERS = frozenset(
    """
    matplotlib seaborn plotly bokeh altair tqdm requests httpx aiohttp bs4 lxml flask fastapi django pydantic attr attrs
    rich click typer yaml toml dotenv pytest hypothesis IPython ipywidgets joblib cloudpickle psutil tabulate openpyxl
    pyarrow sqlalchemy pymysql redis pymongo boto3 openai anthropic langchain streamlit gradio wandb mlflow optuna ray
    six dateutil pytz tzdata packaging setuptools pip h5py absl google msgspec sandlock sympy wordcloud regex
    """.split()
)
"""Well-known libraries: whoever imports one that isn't here didn't forget to hand in a file of their own."""


def _installed() -> frozenset[str]:
    """Top names of the libraries that this environment has. Asked for while packages are on the path."""
    places = [Path(place) for place in sys.path if place.endswith("-packages")]
    found = [each.name for place in places if place.is_dir() for each in place.iterdir()]
    return frozenset(name.partition(".")[0] for name in found if not name.endswith((".dist-info", ".libs", ".pth")))


_INSTALLED = _installed()


class Imports:
    """What one kata's submissions may import."""

    def __init__(self, module: str, allowed: Sequence[str]) -> None:
        self._file = f"{module}.py"
        self._here = {module, *allowed}
        self._allowed = ", ".join(name for name in allowed if name != "reference")

    def checked(self, name: str, names: Sequence[str], level: int, load: Callable[[], Any]) -> Any:
        """What `load` imports, unless the kata asks the learner to write it."""
        if level:
            raise self._beside(name.partition(".")[0] or next(iter(names or ()), ""))
        top = name.partition(".")[0]
        if top not in self._here and top not in sys.stdlib_module_names:
            self._refuse_foreign(top)
        try:
            return load()
        except ModuleNotFoundError as error:
            if error.name != top or top in _OTHERS | DOES_THE_TASK | sys.stdlib_module_names:
                raise
            line = line_in(self._file)
            raise MissingFileError("imports_missing", line=line, name=top, file=self._file) from None

    def _refuse_foreign(self, top: str) -> None:
        if top not in _INSTALLED and top not in sys.modules:
            return
        told: dict[str, str | int] = {"line": line_in(self._file), "library": top, "allowed": self._allowed}
        if top in DOES_THE_TASK:
            raise ForbiddenImportError("imports_the_task", **told)
        raise ForbiddenImportError("imports_foreign", **told)

    def _beside(self, name: str) -> MissingFileError:
        line = line_in(self._file)
        if name:
            return MissingFileError("imports_beside", line=line, name=name, file=self._file)
        return MissingFileError("imports_all_beside", line=line, file=self._file)


def builtins_for(module: str, allowed: Sequence[str]) -> dict[str, Any]:
    """The built-ins of a submission's own code, and what goes with them in this process."""
    imports, original = Imports(module, allowed), builtins.__import__
    own: dict[str, Any] = dict(vars(builtins))

    def from_submission(name: str, *args: Any, **kwargs: Any) -> Any:
        names = kwargs.get("fromlist", args[2] if len(args) > 2 else ())  # noqa: PLR2004  globals, locals, fromlist, level
        level = kwargs.get("level", args[3] if len(args) > 3 else 0)  # noqa: PLR2004
        return imports.checked(name, names, level, lambda: original(name, *args, **kwargs))

    own["__import__"] = from_submission
    builtins.input = own["input"] = lambda _prompt="", /: _ask("input()", module)
    own["exit"], own["quit"] = sys.exit, sys.exit
    sys.stdin = _NoInput(module)
    _guard_importlib(imports, own, from_submission)
    return own


def _guard_importlib(imports: Imports, own: dict[str, Any], from_submission: Callable[..., Any]) -> None:
    """`importlib.import_module` and `importlib.__import__`, the same where a submission's own code calls them."""
    by_name, by_statement = importlib.import_module, importlib.__import__

    def import_module(name: str, package: str | None = None) -> Any:
        if sys._getframe(1).f_builtins is not own:  # noqa: SLF001
            return by_name(name, package)
        level = len(name) - len(name.lstrip("."))
        return imports.checked(name.lstrip("."), (), level, lambda: by_name(name, package))

    def import_statement(name: str, *args: Any, **kwargs: Any) -> Any:
        if sys._getframe(1).f_builtins is not own:  # noqa: SLF001
            return by_statement(name, *args, **kwargs)
        return from_submission(name, *args, **kwargs)

    importlib.import_module, importlib.__import__ = import_module, import_statement


class _NoInput(io.TextIOBase):
    """Standard input where nobody types."""

    def __init__(self, module: str) -> None:
        super().__init__()
        self._module = module

    def readable(self) -> bool:
        return True

    def read(self, _size: int | None = -1, /) -> str:
        return self._refuse()

    def readline(self, _size: int = -1, /) -> str:  # type: ignore[override]
        return self._refuse()

    @property
    def buffer(self) -> "_NoInput":
        return self

    def _refuse(self) -> NoReturn:
        _ask("sys.stdin", self._module)


def _ask(what: str, module: str) -> NoReturn:
    raise NoInputError("waits_for_input", what=what, line=line_in(f"{module}.py"))


_ENDING = re.compile(r"\b(sys\.exit|exit|quit|SystemExit)\b")


def told_of_exit(line_of_code: str) -> Told:
    """What to say of a SystemExit that this line raised."""
    found = _ENDING.search(line_of_code)
    what = found[1] if found else "exit"
    return Told("ends_program", what=what if what == "SystemExit" else f"{what}()")
