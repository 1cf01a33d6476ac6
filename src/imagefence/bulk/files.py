"""Parquet files and folders of them, decided in batches: memory holds one batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from imagefence.bulk.attributes import asked_about
from imagefence.bulk.columns import is_text
from imagefence.bulk.decide import decide
from imagefence.bulk.events import RESERVED
from imagefence.bulk.kernel import Kernel
from imagefence.compiled.engine import Compiled
from imagefence.errors import InputError
from imagefence.policy.request import Principal

ROWS = 1 << 20


def decide_files(
    paths: Iterable[Path],
    policies: Compiled | Kernel,
    *,
    caller: Principal | None = None,
    unknown: Collection[str] = (),
    carry: Collection[str] = (),
    reasons: bool = False,
    rows: int = ROWS,
) -> Iterator[pa.RecordBatch]:
    """Decides the rows of Parquet files, and of those in folders, in batches of at most so many rows.

    Of the columns that `bulk.decide` describes, those are read that the policies ask about; others are passed
    over unless they are to be carried. One call may not lie in two batches, so that a file with a column
    `request` must fit into one. Raises InputError for a file that is no Parquet, or misses a column.
    """
    kernel = policies if isinstance(policies, Kernel) else Kernel.of(policies)
    for path in _files(paths):
        for batch in batches(path, kernel.compiled, carry, rows):
            yield decide(batch, kernel, caller=caller, unknown=unknown, carry=carry, reasons=reasons)


def batches(
    path: Path, compiled: Compiled, carry: Collection[str], rows: int = ROWS
) -> Iterator[pa.RecordBatch]:
    """Reads what the policies ask about, texts by their dictionaries."""
    schema = _opened(path, ()).schema_arrow
    missing = sorted(set(carry) - set(schema.names))
    if missing:
        raise InputError(f"`{path}` has no column `{missing[0]}`", help="carry what the file has")
    wanted = [name for name in schema.names if name in RESERVED or name in carry]
    wanted += [name for name in asked_about(compiled, schema.names) if name not in wanted]
    file = _opened(path, [name for name in wanted if is_text(schema.field(name).type)])
    if "request" in wanted and file.metadata.num_rows > rows:
        raise InputError(
            f"`{path}` has more than {rows} rows and a column `request`",
            help="raise `rows`, or split it by calls",
        )
    for groups, count in _together(file.metadata, rows):
        if count > rows:
            yield from file.iter_batches(rows, groups, wanted, use_threads=False)
        else:
            # Why: a name that occurs in every row group is decided once, not once a group.
            table = file.read_row_groups(groups, wanted, use_threads=False)
            yield from table.unify_dictionaries().combine_chunks().to_batches()


def _together(metadata: pq.FileMetaData, rows: int) -> Iterator[tuple[list[int], int]]:
    """Neighbouring row groups that fit into one batch, and how many rows they have; a larger one alone."""
    groups: list[int] = []
    count = 0
    for group in range(metadata.num_row_groups):
        more = metadata.row_group(group).num_rows
        if groups and count + more > rows:
            yield groups, count
            groups, count = [], 0
        groups.append(group)
        count += more
    if groups:
        yield groups, count


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.parquet")) if path.is_dir() else (path,)


def _opened(path: Path, encoded: Sequence[str]) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, memory_map=True, read_dictionary=list(encoded))
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"`{path}` cannot be read as Parquet", help=str(error).splitlines()[0]) from error
