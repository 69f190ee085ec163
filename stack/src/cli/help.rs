//! The list of commands in `stack --help`, grouped by purpose.

use std::fmt::Write as _;

use clap::Command;

use super::GROUPS;

const TEMPLATE: &str =
    "{about-with-newline}\n{usage-heading} {usage}\n{before-help}\nOptions:\n{options}\n";

/// Replaces clap's list of subcommands by a grouped list.
pub(super) fn grouped(command: Command) -> Command {
    let list = list(&command);
    command.help_template(TEMPLATE).before_help(list)
}

fn list(command: &Command) -> String {
    let names = GROUPS.iter().flat_map(|(_, names)| *names);
    let width = names.map(|name| name.len()).max().unwrap_or_default();
    let mut list = String::new();
    for (heading, names) in GROUPS {
        let _ = writeln!(list, "\n{heading}:");
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(list, "  {name:width$}  {about}");
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_command_stands_in_one_group() {
        let command = Cli::command();
        let visible: BTreeSet<_> = command
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
            .map(Command::get_name)
            .collect();
        let grouped: Vec<_> = GROUPS
            .iter()
            .flat_map(|(_, names)| *names)
            .copied()
            .collect();
        assert_eq!(grouped.len(), visible.len());
        assert_eq!(grouped.into_iter().collect::<BTreeSet<_>>(), visible);
    }

    #[test]
    fn a_line_of_the_list_fits_a_terminal_of_100_columns() {
        let list = list(&Cli::command());
        let long = list.lines().find(|line| line.chars().count() > 100);
        assert_eq!(long, None);
    }
}
