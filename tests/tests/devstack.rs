//! What the other tests take for granted: nobody else is in a test's database.

use holdfast_tests::TestDatabase;
use sqlx::Executor as _;

#[tokio::test]
async fn each_test_has_its_own_database() {
    let (mine, theirs) = tokio::try_join!(TestDatabase::empty(), TestDatabase::empty()).unwrap();
    let (mut here, mut there) = (mine.connect().await.unwrap(), theirs.connect().await.unwrap());
    here.execute("CREATE TABLE secret (word text)").await.unwrap();
    assert!(there.execute("SELECT word FROM secret").await.is_err());
}

#[tokio::test]
async fn a_database_goes_with_its_test() {
    let database = TestDatabase::empty().await.unwrap();
    let name = database.name().to_owned();
    drop(database);
    let bystander = TestDatabase::empty().await.unwrap();
    let mut connection = bystander.connect().await.unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        if !there {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "the database {name} is still there");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
