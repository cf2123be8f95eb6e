//! Pages of lists (semantics sheet 4.4).

use crate::app;

#[tokio::test]
async fn headers_lead_through_the_pages() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    for name in ["a", "b", "c", "d", "e"] {
        app.admin().project_token(project, name, &["api"]).await;
    }
    let get =
        async |query: &str| app.admin().get(&format!("/projects/{project}/access_tokens?{query}")).await;
    let reply = get("per_page=2&page=2").await;
    assert_eq!(reply.each("name"), ["c", "d"]);
    let header = |name: &str| reply.header(name).to_owned();
    assert_eq!(
        ["x-per-page", "x-page", "x-next-page", "x-prev-page", "x-total", "x-total-pages"].map(header),
        ["2", "2", "3", "1", "5", "3"]
    );
    let url = |page: u32| {
        format!(
            "<http://tessera.test/api/v4/projects/{project}/access_tokens?id={project}&page={page}&per_page=2>"
        )
    };
    let link = [(1, "prev"), (3, "next"), (1, "first"), (3, "last")];
    let link: Vec<String> = link.iter().map(|(page, rel)| format!("{}; rel=\"{rel}\"", url(*page))).collect();
    assert_eq!(reply.header("link"), link.join(", "));

    let last = get("per_page=2&page=3").await;
    assert_eq!((last.each("name"), last.header("x-next-page")), (vec!["e".to_owned()], ""));
    let beyond = get("per_page=2&page=9").await;
    assert_eq!((beyond.to_string().as_str(), beyond.header("x-total")), ("200 []", "5"));
    assert_eq!(get("per_page=500").await.header("x-per-page"), "100");
    assert_eq!(get("per_page=-1").await.header("x-per-page"), "20");
    assert_eq!(get("per_page=").await.header("x-per-page"), "20");
    for (query, complaint) in [
        ("per_page=0", "per_page has a value not allowed"),
        ("per_page=x", "per_page is invalid"),
        ("page=x", "page is invalid"),
    ] {
        assert_eq!(get(query).await.to_string(), format!(r#"400 {{"error":"{complaint}"}}"#));
    }
}

#[tokio::test]
async fn an_empty_list_has_one_empty_page() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let reply = app.admin().get(&format!("/projects/{project}/access_tokens")).await;
    let header = |name: &str| reply.header(name).to_owned();
    assert_eq!(["x-total", "x-total-pages", "x-page"].map(header), ["0", "1", "1"]);
    assert!(reply.header("link").contains("rel=\"first\"") && reply.header("link").contains("rel=\"last\""));
}

#[tokio::test]
async fn links_hold_no_credential() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let secret = app.admin().secret().to_owned();
    for name in ["private_token", "access_token", "bearer_token"] {
        let path = format!("/projects/{project}/access_tokens?{name}={secret}");
        let reply = app.anonymous().get(&path).await;
        assert_eq!(reply.status, 200);
        assert!(!reply.header("link").contains(&secret), "{name}: {}", reply.header("link"));
    }
}
