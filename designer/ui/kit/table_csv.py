"""A table as CSV, as it stands on the screen."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Sequence
from itertools import islice

from designer.ui.kit.table_model import RowsModel

AT_ONCE = 1000


def csv_steps(model: RowsModel, columns: Sequence[int]) -> Generator[None, None, str]:
    """The shown rows of these columns with a line of titles (RFC 4180), made a thousand rows at a time."""
    out = io.StringIO()
    writer = csv.writer(out)
    rows = iter(tuple(model.shown()))
    texts = [(column, model.columns[column].text) for column in columns]
    writer.writerow([model.columns[column].title for column in columns])
    while piece := tuple(islice(rows, AT_ONCE)):
        writer.writerows(["" if row[column] is None else text(row[column]) for column, text in texts] for row in piece)
        yield
    return out.getvalue()
