//! Flushes are held where they are said to be: before anything is committed, or when all of it is.

use std::time::Duration;

use holdfast_devstack::{FlushPlan, Hold, Window};

use crate::{Setup, connect, flush, flushed, setup};

fn hold(window: Window, millis: u64) -> FlushPlan {
    FlushPlan::Hold(Hold { window, duration: Duration::from_millis(millis) })
}

#[tokio::test]
async fn a_flush_that_is_held_before_it_is_forwarded_is_not_committed() {
    let Setup { mut through, mut beside, proxy, postgres: _postgres } = setup().await;
    proxy.set_plan(hold(Window::BeforeForward, 300));
    let (answer, seen) = tokio::join!(flush(&mut through, 1), async {
        assert_eq!(proxy.next_window().await.window, Window::BeforeForward);
        flushed(&mut beside).await
    });
    assert_eq!(seen, Vec::<i64>::new());
    assert_eq!(answer.unwrap(), 1);
    assert_eq!(flushed(&mut beside).await, [1]);
}

#[tokio::test]
async fn a_flush_whose_reply_is_held_is_committed() {
    let Setup { mut through, mut beside, proxy, postgres: _postgres } = setup().await;
    // The second time the statement is known by its name alone.
    flush(&mut through, 1).await.unwrap();
    proxy.set_plan(hold(Window::BeforeReply, 300));
    let mut answer = Box::pin(flush(&mut through, 2));
    let seen = tokio::select! {
        _ = &mut answer => panic!("the reply came before its time"),
        seen = async {
            assert_eq!(proxy.next_window().await.window, Window::BeforeReply);
            flushed(&mut beside).await
        } => seen,
    };
    assert_eq!(seen, [1, 2]);
    assert_eq!(answer.await.unwrap(), 2);
    assert_eq!(proxy.flush_count(), 2);
}

#[tokio::test]
async fn what_is_held_goes_on_when_it_is_released() {
    let Setup { mut through, beside: _beside, proxy, postgres: _postgres } = setup().await;
    for (number, window) in [(1, Window::BeforeForward), (2, Window::BeforeReply)] {
        proxy.set_plan(hold(window, 600_000));
        let (answer, ()) = tokio::join!(flush(&mut through, number), async {
            proxy.next_window().await;
            proxy.release();
        });
        assert_eq!(answer.unwrap(), number);
        assert_eq!(flush(&mut through, number).await.unwrap(), number, "and so do those that come after it");
    }
}

#[tokio::test]
async fn postgres_can_be_killed_inside_the_window() {
    let Setup { mut through, beside: _beside, proxy, mut postgres } = setup().await;
    for (number, window, expected) in [(1, Window::BeforeForward, vec![]), (2, Window::BeforeReply, vec![2])]
    {
        proxy.set_plan(hold(window, 5_000));
        let (answer, ()) = tokio::join!(flush(&mut through, number), async {
            proxy.next_window().await;
            postgres.kill_group();
        });
        assert!(answer.is_err(), "the client cannot know");
        proxy.set_plan(FlushPlan::Pass);
        postgres.start_again().await.unwrap();
        through = connect(&proxy).await;
        assert_eq!(flushed(&mut through).await, expected);
    }
}
