use proptest::prelude::*;

use super::*;

fn flow(done: u64, waiting: u64) -> Flow {
    Flow { done, waiting }
}

fn seen(loaded: u64, stages: [Flow; 4]) -> Reading {
    let [stream, store, transform, load] = stages;
    let stages = Stages {
        stream,
        store,
        transform,
        load,
    };
    Reading {
        loaded: Some(loaded),
        rejected: Some(0),
        stages: Some(stages),
        obstacles: Vec::new(),
    }
}

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn stalled(before: Stages, last: [Flow; 4]) -> Stalled {
    let mut watch = Watch::new(100, before);
    assert_eq!(watch.step(at(0), &seen(40, last)), Verdict::Wait);
    match watch.step(at(120), &seen(40, last)) {
        Verdict::Stalled(stalled) => stalled,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_is_done_when_loaded_and_rejected_are_all_accepted() {
    let mut watch = Watch::new(100, Stages::default());
    let most = Reading {
        loaded: Some(90),
        rejected: Some(9),
        ..Reading::default()
    };
    assert_eq!(watch.step(at(1), &most), Verdict::Wait);
    let all = Reading {
        rejected: Some(10),
        ..Reading::default()
    };
    assert_eq!(watch.step(at(2), &all), Verdict::Done);
    assert_eq!(
        Watch::new(0, Stages::default()).step(at(0), &most),
        Verdict::Done
    );
}

#[test]
fn any_movement_anywhere_gives_two_more_minutes() {
    let mut watch = Watch::new(100, Stages::default());
    let moves = [
        seen(0, [flow(0, 0), flow(0, 5), flow(0, 0), flow(0, 0)]),
        seen(0, [flow(0, 0), flow(0, 4), flow(0, 0), flow(0, 0)]),
        seen(0, [flow(0, 0), flow(1, 4), flow(0, 0), flow(0, 0)]),
        seen(1, [flow(0, 0), flow(1, 4), flow(0, 0), flow(0, 0)]),
    ];
    for (seconds, seen) in (0..).step_by(119).zip(&moves) {
        assert_eq!(watch.step(at(seconds), seen), Verdict::Wait);
    }
    assert_eq!(watch.step(at(476), &moves[3]), Verdict::Wait);
    assert!(matches!(
        watch.step(at(477), &moves[3]),
        Verdict::Stalled(_)
    ));
}

#[test]
fn the_first_stage_for_which_something_waits_stands_still() {
    let all = Stages::default();
    let store = stalled(all, [flow(9, 0), flow(2, 7), flow(2, 0), flow(2, 1)]);
    assert_eq!((store.stage, store.waiting), (Stage::Store, 7));
    let load = stalled(all, [flow(9, 0), flow(9, 0), flow(9, 0), flow(2, 3)]);
    assert_eq!((load.stage, load.waiting), (Stage::Load, 3));
}

#[test]
fn when_nothing_waits_the_first_stage_that_did_nothing_stands_still() {
    let [stream, store, transform, load] = [flow(5, 0), flow(5, 0), flow(5, 0), flow(5, 0)];
    let before = Stages {
        stream,
        store,
        transform,
        load,
    };
    let idle = |done: [u64; 4]| stalled(before, done.map(|done| flow(done, 0))).stage;
    assert_eq!(idle([5, 5, 5, 5]), Stage::Stream);
    assert_eq!(idle([9, 5, 5, 5]), Stage::Store);
    assert_eq!(idle([9, 9, 5, 5]), Stage::Transform);
    assert_eq!(idle([9, 9, 9, 5]), Stage::Load);
    assert_eq!(idle([9, 9, 9, 9]), Stage::Load);
    assert_eq!(
        idle([0, 5, 5, 5]),
        Stage::Store,
        "the stream is not counted"
    );
}

#[test]
fn the_message_names_the_stage_and_what_is_missing() {
    let stalled = stalled(
        Stages::default(),
        [flow(9, 0), flow(9, 0), flow(8, 2), flow(8, 0)],
    );
    insta::assert_snapshot!(stalled, @"stage transform made no progress for 120 s: 2 items wait for it, 40 of 100 accepted events are loaded, 0 rejected; `stack status` shows its errors; it is safe to stream the same content again");
}

#[test]
fn not_seeing_anything_is_no_progress() {
    let mut watch = Watch::new(1, Stages::default());
    assert_eq!(watch.step(at(119), &Reading::default()), Verdict::Wait);
    let verdict = watch.step(at(120), &Reading::default());
    assert!(matches!(verdict, Verdict::Stalled(_)));
}

fn obstructed(loaded: u64, grace: u64) -> Reading {
    Reading {
        loaded: Some(loaded),
        obstacles: vec![Obstacle {
            reason: "supervisor is unresponsive: it ended".to_owned(),
            next: "`stack start`".to_owned(),
            grace: at(grace),
        }],
        ..Reading::default()
    }
}

#[test]
fn a_cause_that_does_not_pass_ends_the_wait_at_once_unless_all_is_loaded() {
    let mut watch = Watch::new(100, Stages::default());
    let Verdict::Blocked(blocked) = watch.step(at(1), &obstructed(40, 0)) else {
        panic!("it waits");
    };
    insta::assert_snapshot!(blocked, @"supervisor is unresponsive: it ended; 40 of 100 accepted events are loaded, 0 rejected; next: `stack start`; it is safe to stream the same content again");
    let mut watch = Watch::new(100, Stages::default());
    assert_eq!(watch.step(at(1), &obstructed(100, 0)), Verdict::Done);
}

#[test]
fn a_cause_that_may_pass_ends_the_wait_when_nothing_moves_beside_it() {
    let mut watch = Watch::new(100, Stages::default());
    assert_eq!(watch.step(at(0), &obstructed(40, 10)), Verdict::Wait);
    assert_eq!(watch.step(at(9), &obstructed(41, 10)), Verdict::Wait);
    assert_eq!(watch.step(at(18), &obstructed(41, 10)), Verdict::Wait);
    assert_eq!(
        watch.step(at(30), &seen(41, [Flow::default(); 4])),
        Verdict::Wait
    );
    let verdict = watch.step(at(31), &obstructed(41, 10));
    assert!(matches!(verdict, Verdict::Blocked(_)));
}

proptest! {
    #[test]
    fn a_wait_ends_and_never_before_its_time(
        loaded in prop::collection::vec(0_u64..4, 1..60),
        step in 1_u64..200,
    ) {
        let mut watch = Watch::new(3, Stages::default());
        let mut quiet = 0;
        let mut last = 0;
        for (count, loaded) in (1..).zip(loaded) {
            let seen = seen(loaded, [Flow::default(); 4]);
            let verdict = watch.step(at(count * step), &seen);
            quiet = if loaded == last { quiet + step } else { 0 };
            last = loaded;
            if loaded >= 3 {
                prop_assert_eq!(verdict, Verdict::Done);
                break;
            }
            prop_assert_eq!(matches!(verdict, Verdict::Stalled(_)), quiet >= 120);
        }
    }
}
