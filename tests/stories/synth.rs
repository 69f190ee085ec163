//! `stack synth`, which renders templates without an account or a running environment.

use std::fs;
use std::process::{Command, Output};

const PROD: &str = include_str!("../../stack/environments/prod.yaml");

fn synth(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stack"));
    command.arg("synth").args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_production_may_not_lose_is_refused_by_name_until_it_is_accepted_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prod.yaml");
    fs::write(&path, PROD).unwrap();
    let file = path.to_str().unwrap();

    let unlocked = synth(&[file]);
    assert_eq!(
        (unlocked.status.code(), unlocked.stdout.len()),
        (Some(1), 0)
    );
    let next = format!("run `stack synth {file} --write-lock`");
    assert!(said(&unlocked).contains(&next), "{}", said(&unlocked));
    assert!(synth(&[file, "--write-lock"]).status.success());
    assert!(synth(&[file]).status.success());

    let lock = folder.path().join("prod.lock.yaml");
    let text = fs::read_to_string(&lock).unwrap();
    fs::write(
        &lock,
        text.replace("riverhouse-prod-invoice", "riverhouse-prod-bill"),
    )
    .unwrap();
    let refused = synth(&[file]);
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0));
    let said = said(&refused);
    assert!(
        said.starts_with(
            "error: data would be lost:\n`InvoiceTable` of `lake` is replaced, because TableName changes"
        ) && said.contains("stack/src/platform/store.rs:"),
        "{said}"
    );
    assert!(
        synth(&[file, "--accept-replace", "InvoiceTable"])
            .status
            .success()
    );
    assert!(synth(&[file]).status.success());
    assert_eq!(fs::read_to_string(&lock).unwrap(), text);
}

#[test]
fn the_stack_of_the_account_is_rendered_where_requests_are_logged() {
    let names = |environment| {
        let folder = tempfile::tempdir().unwrap();
        let output = synth(&[environment, "--out", folder.path().to_str().unwrap()]);
        assert!(output.status.success(), "{}", said(&output));
        folder.path().join("riverhouse-account.yaml").exists()
    };
    assert!(names("prod") && !names("local"));
}
