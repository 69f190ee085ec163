//! Whether a teardown on AWS may begin.

/// What whoever destroys has said on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// `--yes`.
    pub yes: bool,
    /// `--destroy-data NAME`.
    pub destroy_data: Option<&'a str>,
    /// Whether somebody can be asked.
    pub terminal: bool,
}

/// What follows from it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Consent {
    /// It may begin.
    Given,
    /// A person must say yes first.
    Ask,
    /// It may not, and this is what is missing.
    Refused(String),
}

impl Consent {
    /// Decides for the environment `name`. Production takes both switches, on a terminal too; the name is typed exactly.
    #[must_use]
    pub fn of(name: &str, production: bool, given: Given<'_>) -> Self {
        match given.destroy_data {
            Some(typed) if typed != name => Self::Refused(format!(
                "`--destroy-data {typed}` is not the environment's name, `{name}`"
            )),
            None if production => Self::Refused(format!(
                "`{name}` is in production: add `--yes --destroy-data {name}` to destroy it with all its data"
            )),
            Some(_) if production && !given.yes => {
                Self::Refused(format!("`{name}` is in production: add `--yes` too"))
            }
            _ if given.yes => Self::Given,
            _ if given.terminal => Self::Ask,
            _ => Self::Refused(format!(
                "nobody can be asked here: add `--yes` to destroy `{name}` with all its data"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consent(production: bool, yes: bool, data: Option<&str>, terminal: bool) -> Consent {
        let given = Given {
            yes,
            destroy_data: data,
            terminal,
        };
        Consent::of("shop", production, given)
    }

    fn refusal(consent: Consent) -> String {
        match consent {
            Consent::Refused(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn production_takes_both_switches_even_on_a_terminal() {
        for terminal in [true, false] {
            assert_eq!(consent(true, true, Some("shop"), terminal), Consent::Given);
            for (yes, data) in [(true, None), (false, None), (false, Some("shop"))] {
                let why = refusal(consent(true, yes, data, terminal));
                assert!(why.contains("--yes"), "{why}");
            }
        }
    }

    #[test]
    fn a_name_that_is_not_typed_exactly_is_refused() {
        for typed in ["Shop", "shop ", "prod", ""] {
            let why = refusal(consent(true, true, Some(typed), true));
            assert!(why.contains("`shop`"), "{why}");
            refusal(consent(false, true, Some(typed), true));
        }
    }

    #[test]
    fn elsewhere_a_person_is_asked_and_without_one_it_takes_yes() {
        assert_eq!(consent(false, false, None, true), Consent::Ask);
        assert_eq!(consent(false, true, None, false), Consent::Given);
        assert!(refusal(consent(false, false, None, false)).contains("--yes"));
    }
}
