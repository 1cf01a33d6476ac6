"""`bulk-many-*`, `bulk-few-*`, `bulk-growth`: a million events in Parquet against DuckDB, one thread each.

Both read the same events from files whose pages are warm, and end with the verdicts counted. DuckDB runs the
statements as one CASE of equalities, prefixes and LIKEs in whichever way is faster: over events or over
distinct ones, from our file (each column with one dictionary) or from one that it wrote itself. The verdicts
are compared event by event before anything is timed. `bulk-growth` is the worse of both name counts.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from bench.row import Row, interleaved
from bench.workload import ALICE, TAGS, Workload, Written, events, names, workload

from imagefence.bulk.files import decide_files
from imagefence.compiled.engine import Compiled, compile_policies

EVENTS = 1_000_000
NAMES = {"few": 6_000, "many": 190_000}  # of the many, about 175,000 occur
TARGETS = {"many": {20: 1.0, 200: 2.0, 2000: 10.0}, "few": {20: 1.0, 200: 5.0, 2000: 20.0}}
WHOLE_PAGE = 64 << 20  # bytes: the dictionary of a column is never given up
VERDICTS = {1: "ExplicitDeny", 2: "Allow", 3: "ImplicitDeny"}


def rows() -> Iterator[Row]:
    """Measures all rows."""
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory() as folder:
        growth = []
        for label, count in NAMES.items():
            path = written(Path(folder) / f"{label}.parquet", count)
            for statements, target in TARGETS[label].items():
                yield against_duckdb(f"bulk-{label}-{statements}", path, workload(statements), target)
            growth.append(grown(path))
        yield max(growth, key=lambda row: row.ratio)


def written(path: Path, count: int) -> Path:
    """Writes a million events with this many names to choose from, in one row group."""
    found = list(events(EVENTS, names(count)))
    columns: dict[str, list[str | None]] = {"action": [event.action for event in found]}
    columns["resource"] = [event.name for event in found]
    for place, key in enumerate(TAGS):
        columns[f"acs:ResourceTag/{key}"] = [event.tags[place] or None for event in found]
    pq.write_table(pa.table(columns), path, row_group_size=EVENTS, dictionary_pagesize_limit=WHOLE_PAGE)
    return path


def rewritten(path: Path) -> Path:
    """The same events as DuckDB writes them."""
    copy = path.with_suffix(".duckdb")
    if not copy.exists():
        duckdb.sql(f"COPY (FROM read_parquet('{path}')) TO '{copy}' (FORMAT parquet)")
    return copy


def against_duckdb(id_: str, path: Path, wanted: Workload, target: float) -> Row:
    """One row: DuckDB's time over ours, once both have decided every event alike."""
    compiled = compile_policies(wanted.policies())
    case = case_of(wanted)
    with duckdb.connect() as connection:
        connection.execute("SET threads=1")
        compare(connection, path, compiled, case)
        forms = [form(file, case) for form in (counted, counted_once) for file in (path, rewritten(path))]
        best = min(forms, key=lambda form: seconds(lambda: connection.execute(form).fetchall()))
        row = interleaved(
            id_,
            lambda: nanoseconds(lambda: connection.execute(best).fetchall()),
            lambda: nanoseconds(lambda: decided(path, compiled)),
            target=target,
            better="higher",
            peer=f"duckdb {duckdb.__version__}, its time over ours",
            unit="ns/event",
            rounds=3,
        )
        return replace(row, ours=row.theirs, theirs=row.ours)


def grown(path: Path) -> Row:
    """How much longer 2,000 statements take us than 20."""
    most, least = (compile_policies(workload(count).policies()) for count in (2000, 20))
    return interleaved(
        "bulk-growth",
        lambda: nanoseconds(lambda: decided(path, most)),
        lambda: nanoseconds(lambda: decided(path, least)),
        target=2.5,
        better="lower",
        peer=f"itself at 20 statements, {path.stem} names",
        unit="ns/event",
        rounds=5,
    )


def compare(connection: duckdb.DuckDBPyConnection, path: Path, compiled: Compiled, case: str) -> None:
    """Raises AssertionError unless both give every event the same verdict."""
    answers = list(decide_files([path], compiled, caller=ALICE))
    ours = pa.chunked_array([batch.column("verdict").cast(pa.string()) for batch in answers]).to_pylist()
    found = connection.execute(f"SELECT {case} FROM read_parquet('{path}')").fetchall()
    theirs = [VERDICTS[code] for (code,) in found]
    if ours != theirs:
        differing = sum(mine != other for mine, other in zip(ours, theirs, strict=True))
        raise AssertionError(
            f"{differing} events are decided differently: {Counter(ours)}, {Counter(theirs)}"
        )


def decided(path: Path, compiled: Compiled) -> list[pa.StructArray]:
    """Our verdicts, counted."""
    found = decide_files([path], compiled, caller=ALICE)
    return [pc.value_counts(batch.column("verdict")) for batch in found]


def counted(path: Path, case: str) -> str:
    """DuckDB decides every event."""
    return f"SELECT v, count(*) FROM (SELECT {case} AS v FROM read_parquet('{path}')) GROUP BY v"


def counted_once(path: Path, case: str) -> str:
    """DuckDB decides distinct events."""
    columns = ", ".join(
        quoted(name) for name in ("action", "resource", *(f"acs:ResourceTag/{key}" for key in TAGS))
    )
    distinct = f"SELECT {columns}, count(*) AS n FROM read_parquet('{path}') GROUP BY ALL"
    return f"SELECT v, sum(n) FROM (SELECT {case} AS v, n FROM ({distinct})) GROUP BY v"


def case_of(wanted: Workload) -> str:
    """The statements as one CASE: any Deny, else any Allow; a level's `Allow *` lets all pass."""
    found = {effect: " OR ".join(map(sql, chosen(wanted, effect))) for effect in ("Deny", "Allow")}
    return f"CASE WHEN {found['Deny']} THEN 1 WHEN {found['Allow']} THEN 2 ELSE 3 END"


def chosen(wanted: Workload, effect: str) -> list[Written]:
    """The statements of one effect."""
    return [statement for statement in wanted.alike() if statement["Effect"] == effect]


def sql(statement: Written) -> str:
    """One statement as a condition."""
    written = statement["Action"]
    actions = written if isinstance(written, list) else [written]
    tests = ["(" + " OR ".join(like("action", action) for action in actions) + ")"]
    if statement["Resource"] != "*":
        tests.append(like("resource", statement["Resource"]))
    for operator, keys in statement.get("Condition", {}).items():
        tests += [tag(operator, key, values) for key, values in keys.items()]
    return "(" + " AND ".join(tests) + ")"


def like(column: str, pattern: str) -> str:
    """An equality, a prefix or a LIKE; the workload's patterns hold no `%` or `_`."""
    if "*" not in pattern:
        return f"{column} = '{pattern}'"
    if pattern.endswith("*") and "*" not in pattern[:-1]:
        return f"starts_with({column}, '{pattern[:-1]}')"
    return f"{column} LIKE '{pattern.replace('*', '%')}'"


def tag(operator: str, key: str, values: str | list[str]) -> str:
    """A test of a tag, which may be absent."""
    listed = ", ".join(f"'{value}'" for value in (values if isinstance(values, list) else [values]))
    absent = "true" if operator == "StringNotEquals" else "false"
    word = "NOT IN" if operator == "StringNotEquals" else "IN"
    return f"coalesce({quoted(key)} {word} ({listed}), {absent})"


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return f'"{name}"'


def seconds(run: Callable[[], object]) -> float:
    """The time of one run."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def nanoseconds(run: Callable[[], object]) -> float:
    """The time of an event."""
    return seconds(run) / EVENTS * 1e9
