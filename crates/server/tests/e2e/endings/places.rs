//! The ends of projects and groups, of memberships and of what they give.

use std::time::Duration;

use serde_json::json;

use super::doors::{DENIED, Doors, Key, OPEN, REVOKED};
use super::story::{ADAS, BOT, EVERYBODY, IMPERSONATION, MADE, OWNER, PASSWORD, PERSONAL, SUDO, Story};

const DEAD: Doors = Doors::shut(REVOKED, DENIED);
const FORBIDDEN: &str = r#"403 {"message":"403 Forbidden"}"#;
const NO_PUSH: &str = "403 You are not allowed to push code to this project.";

/// Everybody's doors where the project is gone: people keep their tokens, bots are gone with it.
fn gone() -> Vec<(&'static str, Doors)> {
    let without = |name| (name, Doors::without_project());
    let mut all = [PERSONAL, IMPERSONATION, PASSWORD, SUDO, OWNER].map(without).to_vec();
    all.extend([(BOT, DEAD), (MADE, DEAD)]);
    all
}

impl Story {
    /// What L9 asks for: not one bot and not one live token of the project.
    async fn has_no_bots(&self) {
        for token in [&self.bot, &self.made] {
            self.app.admin().get(&format!("/users/{}", token.user_id)).await.expect(404);
            let row = self.app.admin().get(&format!("/personal_access_tokens/{}", token.id)).await.ok();
            assert_eq!((&row["revoked"], &row["active"]), (&json!(true), &json!(false)));
        }
        let live = self.app.admin().get("/admin/tokens?kind=project&state=active").await;
        assert_eq!(live.json, json!([]), "{live}");
    }

    fn member(&self, user: i64) -> String {
        format!("/projects/{}/members/{user}", self.place.id)
    }

    /// What Ada holds, behind these doors.
    fn adas(&self, doors: Doors) -> Vec<(&'static str, Doors)> {
        ADAS.map(|name| (name, doors)).to_vec()
    }
}

#[tokio::test]
async fn a_project_is_deleted() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    story.olga.client.delete(&format!("/projects/{}", story.place.id)).await.expect(202);
    story.holds("deleted", &gone()).await;
    story.app.settle().await;
    story.holds("its records and its folder went", &gone()).await;
    story.has_no_bots().await;
}

#[tokio::test]
async fn a_group_is_deleted_with_all_that_lies_below() {
    let mut story = Story::in_group().await.with(&EVERYBODY).await;
    story.olga.client.delete("/groups/above").await.expect(202);
    story.holds("deleted", &gone()).await;
    story.app.settle().await;
    story.holds("its records and its folders went", &gone()).await;
    story.has_no_bots().await;
}

#[tokio::test]
async fn a_member_is_removed() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    story.olga.client.delete(&story.member(story.ada.id)).await.gone();
    // The bot that she made belongs to the project (L30).
    let removed = story.adas(Doors::without_project());
    story.holds("removed", &removed).await;
    story.app.member(story.place.id, story.ada.id, 40).await;
    story.holds("a member again", &[]).await;
}

#[tokio::test]
async fn a_member_of_a_group_above_is_removed() {
    let mut story = Story::in_group().await.with(&EVERYBODY).await;
    let wanted = json!({ "user_id": story.ada.id, "access_level": 40 });
    story.olga.client.post("/groups/above/members", wanted).await.created();
    story.olga.client.delete(&story.member(story.ada.id)).await.gone();
    story.holds("a member of the group", &[]).await;
    story.olga.client.delete(&format!("/groups/above/members/{}", story.ada.id)).await.gone();
    let removed = story.adas(Doors::without_project());
    story.holds("removed", &removed).await;
}

/// L30, and B5: nobody takes a bot's membership; where it is gone all the same, nothing of the project is left to it.
#[tokio::test]
async fn a_bot_is_no_member_any_more() {
    let mut story = Story::begin().await.with(&[BOT, MADE]).await;
    let bot = story.member(story.bot.user_id);
    story.olga.client.delete(&bot).await.expect(403);
    story.olga.client.put(&bot, json!({ "access_level": 10 })).await.expect(403);
    story.holds("nobody removes it", &[]).await;
    story.app.tamper(&format!("DELETE FROM members WHERE user_id = {}", story.bot.user_id)).await;
    story.app.person("somebody").await;
    story.holds("its row is gone", &[(BOT, Doors::without_project())]).await;
}

#[tokio::test]
async fn a_membership_ends_at_midnight() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    let end = story.app.clock.in_days(1);
    let wanted = json!({ "access_level": 40, "expires_at": end });
    story.olga.client.put(&story.member(story.ada.id), wanted).await.ok();
    story.app.clock.to_eve_of(&end);
    story.holds("a second before", &[]).await;
    story.app.clock.advance(Duration::from_secs(1));
    let ended = story.adas(Doors::without_project());
    story.holds("midnight", &ended).await;
    story.app.settle().await;
    story.holds("after the jobs of that night", &ended).await;
    story.app.member(story.place.id, story.ada.id, 40).await;
    story.holds("a member again", &[]).await;
}

#[tokio::test]
async fn a_member_gets_a_lower_role() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    let member = story.member(story.ada.id);
    let level = async |story: &Story, level: i64| {
        story.olga.client.put(&member, json!({ "access_level": level })).await.ok();
    };
    let reporter = OPEN.but(&["write"], FORBIDDEN).but(&["push"], NO_PUSH);
    level(&story, 20).await;
    let lower = story.adas(reporter);
    story.holds("Reporter", &lower).await;
    level(&story, 10).await;
    let no_code = "403 You are not allowed to download code from this project.";
    let guest = reporter.but(&["raw"], FORBIDDEN).but(&["fetch"], no_code);
    let lowest = story.adas(guest);
    story.holds("Guest", &lowest).await;
    level(&story, 30).await;
    story.holds("Developer", &[]).await;
}

#[tokio::test]
async fn a_project_becomes_private() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    let eve = story.app.person("eve").await;
    let elsewhere = eve.client.project("elsewhere").await;
    let foreign = eve.client.project_token(elsewhere, "foreign", &["api"]).await;
    story.add("a stranger", Key::Token(eve.client));
    story.add("a foreign bot", Key::Token(foreign.client));
    let looks = OPEN.but(&["write"], FORBIDDEN).but(&["push"], NO_PUSH);
    let without = Doors::without_project();
    for (visibility, stranger, foreign) in [
        ("public", looks, looks),
        ("internal", looks, without),
        ("private", without, without),
        ("public", looks, looks),
    ] {
        let project = format!("/projects/{}", story.place.id);
        story.olga.client.put(&project, json!({ "visibility": visibility })).await.ok();
        story.holds(visibility, &[("a stranger", stranger), ("a foreign bot", foreign)]).await;
    }
}

#[tokio::test]
async fn a_project_is_archived() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    let archive = async |story: &Story, what: &str| {
        let path = format!("/projects/{}/{what}", story.place.id);
        story.olga.client.post(&path, json!({})).await.created();
    };
    archive(&story, "archive").await;
    let read_only =
        OPEN.but(&["write"], FORBIDDEN).but(&["push"], "403 You can't push code to an archived project.");
    story.holds("archived", &EVERYBODY.map(|name| (name, read_only))).await;
    archive(&story, "unarchive").await;
    story.holds("taken out of the archive", &[]).await;
}
