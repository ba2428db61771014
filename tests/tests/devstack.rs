//! What the other tests, and `cargo play`, take for granted: nobody else is in a test's database, and a kept world goes
//! on.

use holdfast_devstack::server::WORLD;
use holdfast_devstack::{Issuer, Postgres, PostgresOptions, Server, ServerOptions, migrate};
use holdfast_tests::TestDatabase;
use sqlx::{Connection as _, Executor as _, PgConnection};

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

/// As `cargo play` kept a world before a database had an owner of its own: everything in it was the superuser's.
#[tokio::test]
async fn a_world_that_was_a_superusers_goes_on_as_its_owners() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let folder = postgres.folder().path().to_owned();
    let mut superuser = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    superuser.execute("CREATE DATABASE kept").await.unwrap();
    migrate("village", &postgres.url("kept"), &folder).await.unwrap();
    let mut superuser = PgConnection::connect(&postgres.url("kept")).await.unwrap();
    superuser
        .execute("SELECT holdfast.declare_world('main', decode(repeat('07', 32), 'hex'))")
        .await
        .unwrap();

    postgres.hand_over("kept").await.unwrap();
    migrate("village", &postgres.owner_url("kept"), &folder).await.unwrap();
    let issuer = Issuer::start().await.unwrap();
    let options = ServerOptions {
        game: "village".to_owned(),
        world: WORLD.to_owned(),
        database_url: postgres.writer_url("kept"),
        issuer_url: issuer.url().to_owned(),
        environment: Vec::new(),
        folder,
    };
    let _server = Server::start(options).await.unwrap();
    let strange = "SELECT count(*) FROM pg_class WHERE relnamespace = 'holdfast'::regnamespace
        AND relowner <> 'holdfast_owner'::regrole";
    let strange: i64 = sqlx::query_scalar(strange).fetch_one(&mut superuser).await.unwrap();
    let (epoch, worlds): (i64, i64) = sqlx::query_as("SELECT max(epoch), count(*) FROM holdfast.worlds")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!((strange, epoch, worlds), (0, 1, 1));
}
