"""Moves what a fill did within a minute into the past, as if the company had worked for half a year.

Takes the SQLite file of a server that is stopped. Audit records stay as they are: they could not be moved unseen.
"""

import datetime
import sqlite3
import sys

DAY = 24 * 60 * 60 * 1_000_000
database = sqlite3.connect(sys.argv[1])
(now,) = database.execute("SELECT MAX(created_at) FROM tokens").fetchone()
today = datetime.datetime.fromtimestamp(now / 1_000_000, datetime.timezone.utc).date()


def back(table, days, where="1 = 1", columns=("created_at",)):
    sets = ", ".join(f"{column} = {column} - ?" for column in columns)
    database.execute(f"UPDATE {table} SET {sets} WHERE {where}", [days * DAY] * len(columns))


back("users", 400, "username = 'root'", ("created_at", "updated_at"))
back("users", 210, "username <> 'root' AND kind = 'human'", ("created_at", "updated_at"))
back("namespaces", 200, columns=("created_at", "updated_at"))
back("projects", 180, columns=("created_at", "updated_at"))
for number, (project,) in enumerate(database.execute("SELECT id FROM projects").fetchall()):
    back("projects", 6 * number, f"id = {project}", ("last_activity_at",))
for number, (issue,) in enumerate(database.execute("SELECT id FROM issues ORDER BY id DESC").fetchall()):
    back("issues", 1 + 4 * number, f"id = {issue}", ("created_at", "updated_at"))
    back("notes", 1 + 3 * number, f"issue_id = {issue}", ("created_at", "updated_at"))

# Tokens: made on different days; some unused since long, one that has ended.
ages = {
    "nightly-mirror": (170, 0),
    "review-app": (60, 1),
    "dependency-scanner": (185, 110),
    "old-pipeline": (160, 35),
    "image-builder": (14, None),
    "long-expired": (200, 120),
    "dashboard": (100, None),
    "Command line on the laptop": (165, 0),
    "Editor on the desktop": (150, 100),
}
for name, (made, used) in ages.items():
    back("tokens", made, f"name = '{name}'")
    if used is not None:
        database.execute(
            "UPDATE tokens SET last_used_at = ?, last_used_ips = '192.0.2.17' WHERE name = ?",
            (now - used * DAY, name),
        )
ended = (today - datetime.timedelta(days=9)).isoformat()
database.execute("UPDATE tokens SET expires_on = ? WHERE name = 'long-expired'", (ended,))

# Uses of the last month for the sparklines: every night, busier on some days.
minute = now // 60_000_000
uses = {"nightly-mirror": "git.upload_pack", "review-app": "issues.create", "Command line on the laptop": "projects.get"}
for name, operation in uses.items():
    for token, project in database.execute("SELECT id, COALESCE(project_id, 0) FROM tokens WHERE name = ?", (name,)).fetchall():
        for day in range(1, 30):
            if name != "nightly-mirror" and (day * 7 + token) % 3 == 0:
                continue
            count = 2 + (day * day + token * 5) % 17
            database.execute(
                "INSERT INTO token_uses VALUES (?, ?, '192.0.2.17', ?, ?, 2, ?)",
                (token, minute - day * 1440, operation, project, count),
            )
database.commit()
