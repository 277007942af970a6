"""Public question sets → the trained span reader: `python -m qa.reader.train --help` (extra: train)."""
