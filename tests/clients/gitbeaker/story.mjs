// The main job through unmodified @gitbeaker/rest: mint a project token, work with it, rotate it, revoke it.
// TESSERA_URL and TESSERA_ROOT_TOKEN name the server. Exits with 1 at the first thing that is not as it should be.

import { randomBytes } from "node:crypto";

import { Gitlab } from "@gitbeaker/rest";

const host = process.env.TESSERA_URL;
const rootToken = process.env.TESSERA_ROOT_TOKEN;

function check(condition, what) {
  if (!condition) {
    console.error(`gitbeaker: ${what}: no`);
    process.exit(1);
  }
  console.log(`  gitbeaker: ${what}`);
}

async function refused(status, action, what) {
  try {
    await action();
  } catch (error) {
    check(error.cause?.response?.status === status, `${what} (${status}; ${error.cause?.description ?? error})`);
    return;
  }
  check(false, what);
}

const as = (token) => new Gitlab({ host, token });
const root = as(rootToken);
check((await root.Users.showCurrentUser()).username === "root", "signs in by a token");
check((await root.Metadata.show()).version !== undefined, "reads the metadata");

const suffix = randomBytes(4).toString("hex");
const ada = await root.Users.create({
  username: `eve-${suffix}`,
  name: "Eve",
  email: `eve-${suffix}@people.test`,
  password: randomBytes(18).toString("base64url"),
  skipConfirmation: true,
});
const pat = await root.UserImpersonationTokens.create(ada.id, "setup", ["api"]);
const hers = as(pat.token);
const project = await hers.Projects.create({ name: "demo", visibility: "private" });
check((await hers.Projects.show(`eve-${suffix}/demo`)).id === project.id, "finds a project by its path");

const token = await hers.ProjectAccessTokens.create(project.id, "nightly", ["api"], "2099-12-31", { accessLevel: 40 });
check(token.active && token.token.startsWith("glpat-"), "mints a project token");
check((await hers.ProjectAccessTokens.all(project.id)).length === 1, "lists the tokens");
check((await hers.ProjectAccessTokens.show(project.id, token.id)).token === undefined, "nobody reads the secret again");

const bot = as(token.token);
const me = await bot.Users.showCurrentUser();
check(me.bot && me.username === `project_${project.id}_bot`, "the token is a bot");
const members = await hers.ProjectMembers.all(project.id);
check(members.some((member) => member.id === me.id && member.access_level === 40), "the bot is a member");
await refused(403, () => hers.ProjectMembers.remove(project.id, me.id), "nobody removes it from the members");
await refused(404, () => bot.Projects.show("root/nothing"), "it sees no other project");
await refused(400, () => bot.ProjectAccessTokens.create(project.id, "x", ["api"], "2099-12-31"), "it mints no token");

await bot.RepositoryFiles.create(project.id, "src/main.txt", "main", "hello\n", "Say hello");
const file = await bot.RepositoryFiles.show(project.id, "src/main.txt", "main");
check(Buffer.from(file.content, "base64").toString() === "hello\n", "it commits a file and reads it back");
await bot.RepositoryFiles.remove(project.id, "src/main.txt", "main", "Say nothing");
await refused(404, () => bot.RepositoryFiles.show(project.id, "src/main.txt", "main"), "and removes it (a DELETE with a body)");
await bot.Branches.create(project.id, "topic", "main");
check((await bot.Branches.all(project.id)).length === 2, "it makes a branch");
await bot.Tags.create(project.id, "v1", "main");
check((await bot.Tags.show(project.id, "v1")).name === "v1", "it makes a tag (parameters in the query of a POST)");
const issue = await bot.Issues.create(project.id, "Found by the bot");
check(issue.author.id === me.id, "an issue is the bot's");
const note = await bot.IssueNotes.create(project.id, issue.iid, "more");
check(note.author.id === me.id, "a note is the bot's");

const rotated = await hers.ProjectAccessTokens.rotate(project.id, token.id);
check(rotated.token !== token.token, "rotates");
await refused(401, () => bot.Users.showCurrentUser(), "the old secret is dead");

// Presenting the old secret ended the family: a Maintainer gives the bot a new one.
const again = await hers.ProjectAccessTokens.rotate(project.id, rotated.id);
check((await as(again.token).Users.showCurrentUser()).id === me.id, "the bot gets a new secret");
for (const name of ["a", "b", "c", "d"]) {
  await hers.ProjectAccessTokens.create(project.id, name, ["read_api"], "2099-12-31");
}
check((await hers.ProjectAccessTokens.all(project.id, { perPage: 2 })).length === 7, "follows the pages of a list");

await hers.ProjectAccessTokens.revoke(project.id, again.id);
await refused(401, () => as(again.token).Users.showCurrentUser(), "a revoked token is refused");
check((await hers.Issues.show(issue.iid, { projectId: project.id })).author.name === "Ghost User", "its issue is the Ghost User's");
const settings = await root.ApplicationSettings.show();
check(settings.personal_access_token_prefix === "glpat-", "reads the settings");
await hers.Projects.remove(project.id);
check(true, "deletes the project");
