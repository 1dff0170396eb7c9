"""The Python scripts of `packaging/`, loaded as modules: the folder is no package."""

import importlib.util
import sys
from types import ModuleType

from tests.house.source import ROOT


def script(name: str) -> ModuleType:
    """One script of the folder as a module, run as an import (its `__main__` part does not run)."""
    specification = importlib.util.spec_from_file_location(
        f"packaging_script_{name}", ROOT / "packaging" / f"{name}.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module
