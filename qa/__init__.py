"""Question → candidates → spans → answer with citations: all that happens at asking time."""

from index.errors import UserError
from qa.answer import Alternative, Answer, Citation
from qa.assistant import Assistant
from qa.config import Config
from qa.evaluation import evaluate

__all__ = ["Alternative", "Answer", "Assistant", "Citation", "Config", "UserError", "evaluate"]
