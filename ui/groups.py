"""`--groups` on the command line."""

from __future__ import annotations

from collections.abc import Sequence

import click

groups_option = click.option(
    "--groups",
    multiple=True,
    help="Answer as for someone in these groups, separated by commas: from articles without groups and those that name "
    'one of these. "" is someone in no group. Default: from all articles.',
)


def named_groups(values: Sequence[str]) -> frozenset[str] | None:
    """None where the option was not given."""
    if not values:
        return None
    return frozenset(group.strip() for value in values for group in value.split(",")) - {""}
