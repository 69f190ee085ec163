//! Decides whether a teardown on AWS may begin.

/// The command line options about consent.
#[derive(Clone, Copy, Debug)]
pub struct ConsentOptions<'a> {
    /// `--yes`.
    pub yes: bool,
    /// `--destroy-data NAME`.
    pub destroy_data: Option<&'a str>,
    /// Whether standard input is a terminal, so that the user can be asked.
    pub terminal: bool,
}

/// The decision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Consent {
    /// The teardown may begin.
    Given,
    /// The user must confirm first.
    Ask,
    /// The teardown must not begin; the text says why.
    Refused(String),
}

impl Consent {
    /// Decides for the environment `name`. Production needs both options, even on a terminal, with the exact
    /// name.
    #[must_use]
    pub fn of(name: &str, production: bool, given: ConsentOptions<'_>) -> Self {
        match given.destroy_data {
            Some(typed) if typed != name => Self::Refused(format!(
                "`--destroy-data {typed}` is not the exact name of the environment, `{name}`: correct it"
            )),
            None if production => Self::Refused(format!(
                "`{name}` is in production: add `--yes --destroy-data {name}` to destroy it with all its data"
            )),
            Some(_) if production && !given.yes => {
                Self::Refused(format!("`{name}` is in production: add `--yes` as well"))
            }
            _ if given.yes => Self::Given,
            _ if given.terminal => Self::Ask,
            _ => Self::Refused(format!(
                "there is no terminal to ask: add `--yes` to destroy `{name}` with all its data"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consent(production: bool, yes: bool, data: Option<&str>, terminal: bool) -> Consent {
        let given = ConsentOptions {
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
    fn production_needs_both_options_even_on_a_terminal() {
        for terminal in [true, false] {
            assert_eq!(consent(true, true, Some("shop"), terminal), Consent::Given);
            for (yes, data) in [(true, None), (false, None), (false, Some("shop"))] {
                let why = refusal(consent(true, yes, data, terminal));
                assert!(why.contains("--yes"), "{why}");
            }
        }
    }

    #[test]
    fn a_name_that_is_not_exact_is_refused() {
        for typed in ["Shop", "shop ", "prod", ""] {
            let why = refusal(consent(true, true, Some(typed), true));
            assert!(why.contains("`shop`"), "{why}");
            refusal(consent(false, true, Some(typed), true));
        }
    }

    #[test]
    fn an_ephemeral_environment_asks_on_a_terminal_and_needs_yes_without_one() {
        assert_eq!(consent(false, false, None, true), Consent::Ask);
        assert_eq!(consent(false, true, None, false), Consent::Given);
        assert!(refusal(consent(false, false, None, false)).contains("--yes"));
    }
}
