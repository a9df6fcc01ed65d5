//! The demo's company, as `otklik demo-data` makes it.

use db::Scope;
use schema::TestDb;
use vault::Vault;

#[tokio::test]
async fn conversations_of_the_demo_belong_to_people_who_see_them() {
    let test_db = TestDb::new().await;
    server::seed_demo(&test_db.db, Vault::throwaway()).await.unwrap();
    let counted = test_db.db.read(Scope::System, |tx| {
        Box::pin(async move {
            let query = db::sql!(
                "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN u.role = 'owner' OR EXISTS (
                   SELECT 1 FROM project_users p
                   WHERE p.account_id = c.account_id AND p.project_id = c.project_id AND p.user_id = u.id) THEN 0 ELSE 1 END), 0) AS BIGINT)
                 FROM conversations c JOIN users u ON u.account_id = c.account_id AND u.id = c.assignee_id"
            );
            query.one::<(i64, i64)>(tx).await
        })
    });
    let (assigned, hidden) = counted.await.unwrap();
    assert!(assigned > 100, "{assigned}");
    assert_eq!(hidden, 0, "nobody is given what he cannot see");
}

#[tokio::test]
async fn the_demo_is_told_of_maintenance_that_lies_ahead() {
    let test_db = TestDb::new().await;
    server::seed_demo(&test_db.db, Vault::throwaway()).await.unwrap();
    let told = test_db.db.read(Scope::System, |tx| {
        Box::pin(async move {
            let query = db::sql!(
                "SELECT a.kind, a.window_from - a.published_at, (SELECT COUNT(*) FROM announcement_projects p WHERE p.account_id = a.account_id)
                 FROM announcements a"
            );
            query.one::<(String, i64, i64)>(tx).await
        })
    });
    let (kind, ahead_ms, projects) = told.await.unwrap();
    assert_eq!((kind.as_str(), projects), ("maintenance", 2), "it goes with the demo's projects");
    assert!(ahead_ms > 24 * 60 * 60 * 1000, "{ahead_ms}");
}
