use super::*;

fn name(seq: u64, nonce: u32) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(nonce) }
}

fn verdict(seq: u64, code: u16) -> Verdict {
    Verdict { action: name(seq, 7), code: Code(code), detail: [0; 4] }
}

fn refusal(name: ActionName, code: Code, expected: u64) -> Refusal {
    Refusal { action: name, code, retry_after_ms: 0, expected: Seq(expected) }
}

#[test]
fn the_next_action_has_its_verdict_and_has_it_again() {
    let mut model = Model::default();
    model.sent(name(1, 7), Kind::Honest, false);
    model.sent(name(1, 7), Kind::Duplicated, false);
    assert_eq!(model.verdict(&verdict(1, 0)), Judgement::Right(Kind::Honest, "verdict"));
    assert!(matches!(model.verdict(&verdict(1, 257)), Judgement::Wrong(Kind::Duplicated, _)), "another one");
    assert!(matches!(model.verdict(&verdict(1, 0)), Judgement::Stray(_)), "a third one");
}

#[test]
fn an_early_action_is_refused_with_the_next_number_and_nothing_else() {
    let mut model = Model::default();
    for _ in 0..3 {
        model.sent(name(3, 7), Kind::Reordered, false);
    }
    let right = refusal(name(3, 7), Code::SEQ_GAP, 1);
    assert_eq!(model.refusal(&right), Judgement::Right(Kind::Reordered, "seq_gap"));
    let told_early = refusal(name(3, 7), Code::SEQ_GAP, 2);
    assert!(matches!(model.refusal(&told_early), Judgement::Wrong(..)));
    assert!(matches!(model.verdict(&verdict(3, 0)), Judgement::Wrong(..)), "it was done too early");
}

#[test]
fn an_old_number_is_a_conflict_and_a_very_old_one_is_forgotten() {
    let mut model = Model::default();
    for seq in 1..=65 {
        model.sent(name(seq, 7), Kind::Honest, false);
    }
    assert_eq!(model.newest_expired(), Seq(1));
    model.sent(name(2, 8), Kind::OtherNonce, false);
    model.sent(name(1, 7), Kind::Expired, false);
    let conflict = refusal(name(2, 8), Code::SEQ_CONFLICT, 0);
    assert_eq!(model.refusal(&conflict), Judgement::Right(Kind::OtherNonce, "seq_conflict"));
    let expired = refusal(name(1, 7), Code::SEQ_EXPIRED, 0);
    assert!(matches!(model.refusal(&expired), Judgement::Right(Kind::Expired, "seq_expired")));
}

#[test]
fn only_who_was_too_fast_may_be_told_so() {
    let mut model = Model::default();
    model.sent(name(9, 7), Kind::Gap, true);
    model.sent(name(9, 7), Kind::Gap, false);
    let too_fast = refusal(name(9, 7), Code::RATE_LIMITED, 0);
    assert_eq!(model.refusal(&too_fast), Judgement::Right(Kind::Gap, "rate_limited"));
    assert!(matches!(model.refusal(&too_fast), Judgement::Wrong(..)));
    assert_eq!(model.give_up(), []);
}

#[test]
fn who_wishes_for_a_snapshot_waits_for_one() {
    let mut model = Model::default();
    assert_eq!(model.frame(true), None, "nobody wished for it");
    model.wished();
    assert_eq!((model.frame(false), model.waiting_count()), (None, 1));
    assert_eq!(model.frame(true), Some(Judgement::Right(Kind::Resync, "a snapshot")));
    assert_eq!((model.frame(true), model.waiting_count()), (None, 0));
    model.wished();
    assert_eq!((model.give_up(), model.waiting_count()), (vec![Kind::Resync], 0));
    model.wished();
    model.welcomed(Seq(0));
    assert_eq!(model.waiting_count(), 0, "a connection's wish ends with it");
}

#[test]
fn a_welcome_says_how_far_the_world_is() {
    let mut model = Model::default();
    model.sent(name(1, 7), Kind::Honest, false);
    model.sent(name(2, 7), Kind::Honest, false);
    model.welcomed(Seq(1));
    assert_eq!((model.next(), model.waiting_count()), (Seq(2), 0));
    assert_eq!(model.kept(5), Some(name(1, 7)));
}
