"""The main job through unmodified python-gitlab: mint a project token, work with it, rotate it, revoke it.

TESSERA_URL and TESSERA_ROOT_TOKEN name the server. Exits with 1 at the first thing that is not as it should be.
"""

import datetime
import os
import secrets

import gitlab
from gitlab.exceptions import (
    GitlabAuthenticationError,
    GitlabCreateError,
    GitlabDeleteError,
    GitlabGetError,
    GitlabHttpError,
)

URL = os.environ["TESSERA_URL"]
ROOT = os.environ["TESSERA_ROOT_TOKEN"]


def check(condition, what):
    if not condition:
        raise SystemExit(f"python-gitlab: {what}: no")
    print(f"  python-gitlab: {what}")


def refused(kind, code, action, what):
    try:
        action()
    except kind as error:
        check(error.response_code == code, f"{what} ({code})")
    else:
        check(False, what)


root = gitlab.Gitlab(URL, private_token=ROOT)
root.auth()
check(root.user.username == "root", "signs in by a token")
check(root.version()[0] != "unknown", "reads the version")

suffix = secrets.token_hex(4)
ada = root.users.create(
    {
        "username": f"ada-{suffix}",
        "name": "Ada",
        "email": f"ada-{suffix}@people.test",
        "password": secrets.token_urlsafe(18),
        "skip_confirmation": True,
    }
)
pat = ada.personal_access_tokens.create({"name": "setup", "scopes": ["api"]})
hers = gitlab.Gitlab(URL, oauth_token=pat.token)
hers.auth()
check(hers.user.id == ada.id, "a personal token works as Bearer")

project = hers.projects.create({"name": "demo", "visibility": "private"})
check(hers.projects.get(f"ada-{suffix}/demo").id == project.id, "finds a project by its path")

today = datetime.date.today()
token = project.access_tokens.create(
    {"name": "nightly", "scopes": ["api"], "access_level": 40, "expires_at": (today + datetime.timedelta(30)).isoformat()}
)
check(token.active and token.access_level == 40, "mints a project token")
born_dead = project.access_tokens.create({"name": "today", "scopes": ["api"], "expires_at": today.isoformat()})
check(not born_dead.active, "a token that ends today is accepted and born dead")
refused(GitlabCreateError, 400, lambda: project.access_tokens.create({"name": "x", "scopes": ["sudo"]}), "a scope of people is refused")
check(len(project.access_tokens.list(get_all=True)) == 2, "lists the tokens")
check([one.id for one in project.access_tokens.list(state="inactive", get_all=True)] == [born_dead.id], "lists the dead ones")

bot = gitlab.Gitlab(URL, private_token=token.token)
bot.auth()
check(bot.user.bot and bot.user.username == f"project_{project.id}_bot", "the token is a bot")
check("@" in bot.user.email, "the bot has an address")
refused(GitlabGetError, 404, lambda: bot.projects.get("root%2Fnothing"), "it sees no other project")
refused(GitlabCreateError, 400, lambda: bot.projects.get(project.id).access_tokens.create({"name": "x", "scopes": ["api"]}), "it mints no token")
members = {member.username: member for member in project.members.list(get_all=True)}
check(members[bot.user.username].access_level == 40, "the bot is a member")
refused(GitlabDeleteError, 403, lambda: project.members.delete(bot.user.id), "nobody removes it from the members")

its = bot.projects.get(project.id)
its.files.create(
    {"file_path": "docs/README.md", "branch": "main", "content": "hello\n", "commit_message": "Say hello"}
)
check(its.files.get("docs/README.md", ref="main").decode() == b"hello\n", "it commits a file and reads it back")
issue = its.issues.create({"title": "Found by the bot", "description": "as the bot"})
check(issue.author["username"] == bot.user.username, "an issue is the bot's")
note = issue.notes.create({"body": "more"})
check(note.author["id"] == bot.user.id, "a note is the bot's")

old = token.token
token.rotate()
check(token.token != old, "rotates")
refused(GitlabAuthenticationError, 401, gitlab.Gitlab(URL, private_token=old).auth, "the old secret is dead")

fresh = project.access_tokens.create({"name": "self", "scopes": ["self_rotate"]})
itself = gitlab.Gitlab(URL, private_token=fresh.token)
answer = itself.http_post(f"/projects/{project.id}/access_tokens/self/rotate")
check(answer["token"] != fresh.token, "a token rotates itself")
refused(GitlabHttpError, 403, lambda: gitlab.Gitlab(URL, private_token=answer["token"]).http_get(f"/projects/{project.id}"), "and can do nothing else")

# Presenting a rotated secret ended its family above: the bot has no secret until a Maintainer gives it one.
last = project.access_tokens.create({"name": "last", "scopes": ["api"]})
final = gitlab.Gitlab(URL, private_token=last.token)
issue = final.projects.get(project.id).issues.create({"title": "Written by the last bot"})
last.delete()
refused(GitlabAuthenticationError, 401, final.auth, "a revoked token is refused")
check(hers.projects.get(project.id).issues.get(issue.iid).author["name"] == "Ghost User", "its issue is the Ghost User's")

root.features.set("resource_access_token", False, project=project.path_with_namespace)
refused(GitlabCreateError, 400, lambda: project.access_tokens.create({"name": "x", "scopes": ["api"]}), "the feature flag refuses new tokens")
root.features.set("resource_access_token", True, project=project.path_with_namespace)
for name in ["a", "b", "c"]:
    project.access_tokens.create({"name": name, "scopes": ["api"]})
pages = project.access_tokens.list(iterator=True, per_page=2)
check(len(list(pages)) == pages.total, "follows the pages of a list")

imp = ada.impersonationtokens.create({"name": "as ada", "scopes": ["api"]})
acting = gitlab.Gitlab(URL, private_token=imp.token)
acting.auth()
check(acting.user.id == ada.id, "an impersonation token acts as its user")
check(imp.id not in [one.id for one in hers.personal_access_tokens.list(get_all=True)], "and its user does not see it")
check(root.users.get(ada.id).username == root.http_get("/user", sudo=ada.username)["username"], "sudo acts as somebody else")
project.delete()
check(True, "deletes the project")
