use super::*;

fn good() -> DeafReport {
    let short = Heard { coalesced_frames: 1, is_current: true, ..Heard::default() };
    let long = Heard { was_cut: true, resync: Some(ResyncKind::Delta), ..short.clone() };
    let times = Percentiles { count: 9, p95: 100.0, ..Percentiles::default() };
    DeafReport {
        seed: 1,
        sessions: 4,
        deaf: 2,
        memory: Memory { before_bytes: 1, peak_bytes: 1 + 2 * GROWTH_EACH_MAX_BYTES },
        before_ms: times,
        during_ms: times,
        cutting_ms: times,
        unanswered_count: 0,
        short: vec![short],
        long: vec![long],
        divergence_count: 0,
        reconnect_count: 0,
        generator_ms: Percentiles::default(),
    }
}

#[test]
fn each_bound_fails_by_itself() {
    assert_eq!(good().failures(), Vec::<String>::new());
    let spoil: [fn(&mut DeafReport); 18] = [
        |report| report.memory.peak_bytes += 2 * 1024,
        |report| report.during_ms.p95 = 111.0,
        |report| report.memory = Memory::default(),
        |report| report.during_ms.count = 0,
        |report| report.cutting_ms.p95 = 111.0,
        |report| report.cutting_ms.count = 0,
        |report| report.unanswered_count = 1,
        |report| report.short[0].divergence_count = 1,
        |report| report.long[0].divergence_count = 1,
        |report| report.short[0].coalesced_frames = 0,
        |report| report.short[0].coalesced_frames = 2,
        |report| report.short[0].was_cut = true,
        |report| report.long[0].was_cut = false,
        |report| report.long[0].told = Some(Code::INTERNAL),
        |report| report.long[0].coalesced_frames = 2,
        |report| report.long[0].resync = Some(ResyncKind::SnapshotExpired),
        |report| report.long[0].is_current = false,
        |report| report.generator_ms.p95 = 26.0,
    ];
    for spoil in spoil {
        let mut report = good();
        spoil(&mut report);
        assert_eq!(report.failures().len(), 1, "{:?}", report.failures());
    }
}
