//! Mistakes that must not compile.

#[test]
fn wrong_states_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
