//! What is no flush passes, unless nothing does.

use std::time::{Duration, Instant};

use holdfast_devstack::{FlushPlan, Hold, Window};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::{Setup, flush, flushed, setup};

#[tokio::test]
async fn what_is_no_flush_passes_at_once() {
    let Setup { mut through, beside: _beside, proxy, postgres: _postgres } = setup().await;
    let hold = Hold { window: Window::BeforeForward, duration: Duration::from_secs(600) };
    proxy.set_plan(FlushPlan::Hold(hold));
    let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&mut through).await.unwrap();
    assert_eq!((one, proxy.flush_count()), (1, 0));
}

#[tokio::test]
async fn a_cut_ends_connections_and_a_blackhole_does_not() {
    let Setup { mut through, beside: _beside, proxy, postgres: _postgres } = setup().await;
    proxy.set_blackhole(true);
    let question = tokio::time::timeout(Duration::from_millis(100), through.execute("SELECT 1"));
    assert!(question.await.is_err(), "nothing passes");
    proxy.set_blackhole(false);
    assert!(through.execute("SELECT 1").await.is_ok());
    proxy.cut();
    assert!(through.execute("SELECT 1").await.is_err());
    assert!(PgConnection::connect(&proxy.url("postgres")).await.is_ok());
}

#[tokio::test]
async fn that_a_client_has_gone_does_not_pass_through_a_blackhole() {
    let Setup { mut through, mut beside, proxy, postgres: _postgres } = setup().await;
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut through).await.unwrap();
    let mut is_served = async || -> bool {
        let question = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)";
        sqlx::query_scalar(question).bind(pid).fetch_one(&mut beside).await.unwrap()
    };
    proxy.set_blackhole(true);
    drop(through);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(is_served().await);
    proxy.set_blackhole(false);
    let deadline = Instant::now() + Duration::from_secs(10);
    while is_served().await {
        assert!(Instant::now() < deadline, "PostgreSQL never hears of it");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn with_latency_each_reply_comes_later_and_only_the_reply() {
    let Setup { mut through, mut beside, proxy, postgres: _postgres } = setup().await;
    flush(&mut through, 1).await.unwrap();
    let latency = Duration::from_secs(1);
    proxy.set_latency(latency);
    let start = Instant::now();
    let mut answer = Box::pin(flush(&mut through, 2));
    tokio::select! {
        _ = &mut answer => panic!("the reply came before its time"),
        () = tokio::time::sleep(latency / 2) => {}
    }
    assert_eq!(flushed(&mut beside).await, [1, 2], "it is committed meanwhile");
    assert_eq!(answer.await.unwrap(), 2);
    assert!((latency..latency * 5).contains(&start.elapsed()), "once per reply: {:?}", start.elapsed());
    proxy.set_latency(Duration::ZERO);
    let start = Instant::now();
    flush(&mut through, 3).await.unwrap();
    assert!(start.elapsed() < latency);
}
