//! A connection is cut with a flush in it, in each of the ways in which that can be: what is committed, and what the
//! client can know of it.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use holdfast_devstack::{CommitCut, FlushPlan, Hold, Window};
use sqlx::{Connection as _, PgConnection};

use crate::{Setup, connect, flush, flushed, setup};

/// Long enough for whatever is to happen at once.
const SOON: Duration = Duration::from_secs(10);

/// How a flush has ended a connection.
async fn end(through: &mut PgConnection, number: i64) -> ErrorKind {
    match tokio::time::timeout(SOON, flush(through, number)).await.expect("it ends") {
        Err(sqlx::Error::Io(error)) => error.kind(),
        other => panic!("it does not end like this: {other:?}"),
    }
}

#[tokio::test]
async fn a_dropped_request_alone_is_not_committed_and_a_reset_alone_is_no_end_in_order() {
    let Setup { through: mut other, mut beside, proxy, postgres: _postgres } = setup().await;
    let mut expected = Vec::new();
    for (first, cut, is_committed, kind) in [
        (10, CommitCut::DropRequest, false, ErrorKind::UnexpectedEof),
        (20, CommitCut::DropReply, true, ErrorKind::UnexpectedEof),
        (30, CommitCut::Reset, true, ErrorKind::ConnectionReset),
        (40, CommitCut::HalfClose, true, ErrorKind::UnexpectedEof),
    ] {
        let mut through = connect(&proxy).await;
        // From now on the statement is known by its name alone, as it is on a connection that has served for a while.
        flush(&mut through, first).await.unwrap();
        proxy.cut_next(cut);
        let (end, struck) =
            tokio::join!(end(&mut through, first + 1), tokio::time::timeout(SOON, proxy.cut_done()));
        assert_eq!(end, kind, "{cut:?}");
        struck.expect("it is known to have struck");
        // It was that connection's, and that flush's.
        flush(&mut other, first + 2).await.unwrap();
        flush(&mut connect(&proxy).await, first + 3).await.unwrap();
        expected.extend((first..first + 4).filter(|number| is_committed || *number != first + 1));
        assert_eq!(flushed(&mut beside).await, expected, "{cut:?}");
    }
}

#[tokio::test]
async fn a_half_closed_connection_still_hears_the_client() {
    let Setup { mut through, beside: _beside, proxy, postgres: _postgres } = setup().await;
    proxy.cut_next(CommitCut::HalfClose);
    assert_eq!(end(&mut through, 1).await, ErrorKind::UnexpectedEof);
    // A farewell is written, which a connection closed by the other side would refuse.
    through.close().await.unwrap();
}

#[tokio::test]
async fn a_late_reply_comes_after_a_time_in_which_only_others_were_answered() {
    let Setup { mut through, mut beside, proxy, postgres: _postgres } = setup().await;
    let delay = Duration::from_secs(2);
    proxy.cut_next(CommitCut::LateReply(delay));
    let mut answer = Box::pin(flush(&mut through, 1));
    tokio::select! {
        _ = &mut answer => panic!("the reply came before its time"),
        () = proxy.cut_done() => {}
    }
    let start = Instant::now();
    assert_eq!(flushed(&mut beside).await, [1], "it is committed");
    tokio::select! {
        _ = &mut answer => panic!("the reply came before its time"),
        answered = async { flush(&mut connect(&proxy).await, 2).await } => assert_eq!(answered.unwrap(), 2),
    }
    assert_eq!(answer.await.unwrap(), 1);
    assert!(start.elapsed() >= delay / 2, "{:?}", start.elapsed());
    assert_eq!(flush(&mut through, 3).await.unwrap(), 3, "the connection goes on");
}

#[tokio::test]
async fn a_late_reply_to_nobody_harms_nobody() {
    let Setup { mut through, mut beside, proxy, postgres: _postgres } = setup().await;
    proxy.cut_next(CommitCut::LateReply(Duration::from_millis(100)));
    tokio::select! {
        _ = flush(&mut through, 1) => panic!("the reply came before its time"),
        () = proxy.cut_done() => {}
    }
    drop(through);
    let mut through = connect(&proxy).await;
    flush(&mut through, 2).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    flush(&mut through, 3).await.unwrap();
    assert_eq!(flushed(&mut beside).await, [1, 2, 3]);
}

#[tokio::test]
async fn a_cut_goes_before_what_is_planned_for_all() {
    let Setup { mut through, mut beside, proxy, postgres: _postgres } = setup().await;
    proxy.set_plan(FlushPlan::Hold(Hold { window: Window::BeforeForward, duration: 3 * SOON }));
    proxy.cut_next(CommitCut::DropReply);
    assert_eq!(end(&mut through, 1).await, ErrorKind::UnexpectedEof);
    assert_eq!(flushed(&mut beside).await, [1]);
}
