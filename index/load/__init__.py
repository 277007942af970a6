"""Files → articles: which files (find), what each holds (file), one module a format."""

from index.load.fields import Unusable
from index.load.file import READERS, Skipped, read
from index.load.find import File, Inputs, find

__all__ = ["READERS", "File", "Inputs", "Skipped", "Unusable", "find", "read"]
