"""Running the checks: each for a limited time, and none can hide another."""

from collections.abc import Iterator, Sequence
from threading import Thread

from django.db import DatabaseError, InterfaceError, connection
from redis import RedisError

from api.errors.storage_faults import storage_faults
from storemonitor.operations.doctor.findings import Check, Finding, Level, Result, fail

# A connection attempt to a database that hangs ends after ten.
LIMIT_SECONDS = 15.0
DATABASE = "database"
_STATEMENT, _LOCK = "8s", "2s"


def examine(checks: Sequence[Check], *, only: Sequence[str] = ()) -> Iterator[Result]:
    """Yield the result of each check, or of the named ones and of failed ones they need."""
    wanted = set(only) or {check.name for check in checks}
    needed = wanted | {name for check in checks if check.name in wanted for name in check.needs}
    failed: set[str] = set()
    for check in checks:
        if check.name not in needed:
            continue
        result = _skipped(check, failed) or _answered(check)
        if result.level == Level.FAIL:
            failed.add(check.name)
        if check.name in wanted or result.level == Level.FAIL:
            yield result


def _skipped(check: Check, failed: set[str]) -> Result | None:
    lacking = failed.intersection(check.needs)
    if not lacking:
        return None
    reason = f"not examined, because of {', '.join(sorted(lacking))}"
    return Result(name=check.name, findings=(Finding(level=Level.SKIPPED, reason=reason),))


def _answered(check: Check) -> Result:
    """Answer in a thread with a connection of its own, which is left behind if it hangs."""
    found: list[Finding] = []
    ended: list[bool] = []
    thread = Thread(target=_find, args=(check, found, ended), daemon=True)
    thread.start()
    thread.join(LIMIT_SECONDS)
    if thread.is_alive():
        reason = f"no answer within {LIMIT_SECONDS:.0f} s"
        found.append(fail(reason, "see whether the machine, its disk or the server is overloaded"))
    elif not ended:
        # The thread's traceback is on standard error.
        found.append(fail("the check itself broke; its traceback is above", "report it as a bug"))
    return Result(name=check.name, findings=tuple(found))


def _faults() -> tuple[type[Exception], ...]:
    """Return the exceptions of what is examined; any other one is a bug of the check."""
    return (DatabaseError, InterfaceError, RedisError, *storage_faults())


def _find(check: Check, found: list[Finding], ended: list[bool]) -> None:
    uses_database = DATABASE in {check.name, *check.needs}
    try:
        if DATABASE in check.needs:
            _bound_statements()
        found.extend(check.find())
    except _faults() as error:
        found.append(fail(f"cannot be examined: {one_line(error)}", "see what the reason says"))
    finally:
        if uses_database:
            connection.close()
    ended.append(True)


def _bound_statements() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, false),"
                " set_config('lock_timeout', %s, false)",
                [_STATEMENT, _LOCK],
            )


def one_line(error: BaseException) -> str:
    """Return an error's text as one line."""
    return " ".join(str(error).split()) or type(error).__name__
