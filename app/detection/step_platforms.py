"""What is known of each platform: its activity, its checks."""

from app.detection.steps import Context, Rows, Step


def platform_activity(context: Context) -> Rows:
    """Sales of each platform in the window, its first and its last day."""
    rows = Rows()
    for row in context.tallies.table("platform_activity").to_pylist():
        rows.put(row.pop("platform"), row)
    return rows


def platform_checks(context: Context) -> Rows:
    """State of the checks of each platform; those with a result can be judged for failed checks."""
    rows = Rows()
    for row in context.tallies.table("platform_checks").to_pylist():
        platform = row.pop("platform")
        rows.put(platform, {f"checks_{name}" if name != "last_checked" else name: row[name] for name in row})
        context.flags.judge("source control", [platform])
    return rows


STEPS = (
    Step(name="platform-activity", run=platform_activity),
    Step(name="platform-checks", run=platform_checks),
)
