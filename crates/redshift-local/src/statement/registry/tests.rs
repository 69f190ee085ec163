use super::*;

fn request(id: &str, token: Option<&str>, created_ms: i64) -> Request {
    Request {
        token: token.map(str::to_owned),
        created_ms,
        ..Request::sample(id)
    }
}

fn submit(registry: &Registry, request: Request) -> Result<Submission, SubmitError> {
    registry.submit(request, |_| Ok(()))
}

fn id(submission: Submission) -> (bool, String) {
    match submission {
        Submission::New(entry) => (true, entry.request.id.clone()),
        Submission::Known(entry) => (false, entry.request.id.clone()),
    }
}

#[test]
fn a_token_names_its_first_statement_even_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    let now = now_ms();
    let first = id(submit(&registry, request("a", Some("t"), now)).unwrap());
    let second = id(submit(&registry, request("b", Some("t"), now)).unwrap());
    assert_eq!(
        (first, second),
        ((true, "a".to_owned()), (false, "a".to_owned()))
    );
    drop(registry);
    let registry = Registry::open(directory.path()).unwrap();
    assert!(!id(submit(&registry, request("c", Some("t"), now)).unwrap()).0);
}

#[test]
fn a_token_is_forgotten_after_eight_hours_and_a_statement_after_a_day() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    let hours = |n: i64| now_ms() - n * 3_600_000;
    submit(&registry, request("a", Some("t"), hours(9))).unwrap();
    assert!(id(submit(&registry, request("b", Some("t"), now_ms())).unwrap()).0);
    submit(&registry, request("old", None, hours(25))).unwrap();
    assert!(registry.get("old").is_none());
    assert!(registry.get("a").is_some());
}

#[test]
fn what_a_session_refuses_does_not_use_up_its_token() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    let busy = |_: &Request| Err(SessionError::Busy("s".to_owned()));
    let refused = registry.submit(request("a", Some("t"), now_ms()), busy);
    assert!(matches!(refused, Err(SubmitError::Session(_))));
    assert!(registry.get("a").is_none());
    let again = submit(&registry, request("b", Some("t"), now_ms()));
    assert_eq!(id(again.unwrap()), (true, "b".to_owned()));
    let known = registry.submit(request("c", Some("t"), now_ms()), busy);
    assert_eq!(id(known.unwrap()), (false, "b".to_owned()));
}

#[test]
fn the_501st_active_statement_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    for n in 0..MAX_ACTIVE {
        submit(&registry, request(&n.to_string(), None, now_ms())).unwrap();
    }
    let refused = submit(&registry, request("x", None, now_ms()));
    assert!(matches!(refused, Err(SubmitError::TooMany)));
}

#[test]
fn a_settled_statement_makes_room_for_another() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    let mut last = None;
    for n in 0..MAX_ACTIVE {
        last = Some(submit(&registry, request(&n.to_string(), None, now_ms())).unwrap());
    }
    let Some(Submission::New(entry)) = last else {
        panic!()
    };
    for _ in 0..2 {
        registry.update(&entry, |progress| progress.settle(Status::Finished, None));
    }
    assert!(submit(&registry, request("x", None, now_ms())).is_ok());
    assert!(submit(&registry, request("y", None, now_ms())).is_err());
    drop(registry);
    let registry = Registry::open(directory.path()).unwrap();
    assert!(submit(&registry, request("y", None, now_ms())).is_err());
}

#[test]
fn the_journal_holds_what_is_known_once_and_nobodys_password() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("statements.ndjson");
    let registry = Registry::open(directory.path()).unwrap();
    let secret = Request {
        sqls: vec!["create user a password 'Secret123'".to_owned()],
        ..request("a", None, now_ms())
    };
    submit(&registry, secret).unwrap();
    let old = submit(&registry, request("b", None, now_ms() - 25 * 3_600_000)).unwrap();
    let Submission::New(old) = old else { panic!() };
    registry.update(&old, |progress| progress.settle(Status::Finished, None));
    let lines = || std::fs::read_to_string(&path).unwrap().lines().count();
    assert_eq!(lines(), 3);
    registry.forget_old();
    assert_eq!(lines(), 1);
    assert!(registry.holds("a") && !registry.holds("b"));
    let sql = &registry.get("a").unwrap().request.sqls[0];
    assert_eq!(sql, "create user a password 'Secret123'");
    submit(&registry, request("c", None, now_ms())).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("Secret123"), "{text}");
    assert_eq!(
        Registry::open(directory.path()).unwrap().unsettled().len(),
        2
    );
}

#[test]
fn progress_survives_a_restart_and_a_line_cut_short() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    let Submission::New(entry) = submit(&registry, request("a", None, now_ms())).unwrap() else {
        panic!()
    };
    registry.update(&entry, |progress| progress.settle(Status::Finished, None));
    drop(registry);
    let path = directory.path().join("statements.ndjson");
    let mut text = std::fs::read(&path).unwrap();
    // The line ends inside a UTF-8 character.
    text.extend_from_slice(b"{\"changed\":{\"id\":\"a\",\"prog\xc3");
    std::fs::write(&path, text).unwrap();
    let registry = Registry::open(directory.path()).unwrap();
    assert_eq!(
        registry.get("a").unwrap().progress().status,
        Status::Finished
    );
}
