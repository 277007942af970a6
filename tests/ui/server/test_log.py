"""The log: a line of JSON for whatever is written, and none of them without an end."""

import json
import logging
import sys

from ui.server.log import LONGEST, LONGEST_TRACEBACK, JsonLines, Printed, Seldom


def record(message="x", name="qa.server", exc_info=None, **fields):
    found = logging.LogRecord(name, logging.INFO, "", 1, message, None, exc_info)
    found.fields = fields
    return found


def test_what_a_visitor_sent_is_cut_whatever_is_in_it():
    for sent in ("x" * 50_000, "\n" + "B" * 50_000):
        (line,) = JsonLines().format(record(path=sent)).splitlines()
        assert len(json.loads(line)["path"]) == LONGEST + 1


def test_a_tracebacks_end_is_kept():
    try:
        raise ValueError("first " + "x" * 20_000 + " last")
    except ValueError:
        line = JsonLines().format(record(exc_info=sys.exc_info()))
    assert len(json.loads(line)["traceback"]) == LONGEST_TRACEBACK
    assert json.loads(line)["traceback"].endswith("last")


def test_asyncio_repeats_itself_once_in_ten_seconds():
    seldom = Seldom()
    moments = []
    for second in range(25):
        found = record("out of sockets", "asyncio")
        found.created = float(second)
        if seldom.filter(found):
            moments.append(second)
    assert moments == [0, 11, 22]
    assert all(seldom.filter(record("out of sockets")) for _ in range(3))


def test_what_is_printed_becomes_lines_of_the_log(caplog):
    printed = Printed()
    with caplog.at_level(logging.INFO):
        for part in ("Trace", "back\n", "\n", "y" * 900_000, "\nend"):
            print(part, end="", file=printed)
    texts = [line.fields["text"] for line in caplog.records]
    assert texts[0] == "Traceback"
    assert [len(text) for text in texts[1:]] == [LONGEST]
