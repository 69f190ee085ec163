//! Checks whether a binary can run as a function: its architecture, and the newest glibc that it requires.

use cfn::resources::lambda::Architecture;

/// The glibc version of the runtime `provided.al2023`. A binary that requires a newer one fails at start.
///
/// Source: <https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html>
pub(super) const RUNTIME_GLIBC: u16 = 34;

/// The position of the architecture in the header of a 64-bit little-endian ELF file.
const MACHINE: std::ops::Range<usize> = 18..20;
const ELF_64_LITTLE: &[u8] = b"\x7fELF\x02\x01";
const X86_64: u16 = 62;
const AARCH64: u16 = 183;

/// Returns why `binary` cannot run on `wanted`; `None` if it can.
pub(super) fn problem(binary: &[u8], wanted: Architecture) -> Option<String> {
    let Some(found) = architecture(binary) else {
        return Some("is not a 64-bit Linux executable for arm64 or x86_64".to_owned());
    };
    if found != wanted {
        return Some(format!(
            "is for {}, but the environment's functions run on {}",
            found.name(),
            wanted.name()
        ));
    }
    let newest = newest_glibc(binary).filter(|minor| *minor > RUNTIME_GLIBC)?;
    Some(format!(
        "requires glibc 2.{newest}, but Lambda has 2.{RUNTIME_GLIBC}: build it with zig as the linker"
    ))
}

fn architecture(binary: &[u8]) -> Option<Architecture> {
    let machine = binary
        .starts_with(ELF_64_LITTLE)
        .then(|| binary.get(MACHINE))??;
    match u16::from_le_bytes(machine.try_into().ok()?) {
        X86_64 => Some(Architecture::X86),
        AARCH64 => Some(Architecture::Arm64),
        _ => None,
    }
}

/// Returns the minor version of the newest `GLIBC_2.x` that a symbol of the binary requires. The names are
/// zero-terminated entries of its string table; a static binary has none.
fn newest_glibc(binary: &[u8]) -> Option<u16> {
    const NAME: &[u8] = b"GLIBC_2.";
    binary
        .split(|byte| *byte == 0)
        .filter_map(|name| name.strip_prefix(NAME))
        .filter_map(|version| {
            let minor = version.split(|byte| *byte == b'.').next()?;
            std::str::from_utf8(minor).ok()?.parse().ok()
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds the head of an executable that requires these versions.
    pub(in crate::deploy) fn executable(machine: u16, versions: &[&str]) -> Vec<u8> {
        let mut binary = [ELF_64_LITTLE, &[0; 12], &machine.to_le_bytes(), &[0; 44]].concat();
        for version in versions {
            binary.extend_from_slice(version.as_bytes());
            binary.push(0);
        }
        binary
    }

    #[test]
    fn a_binary_of_the_right_processor_and_an_old_glibc_can_run() {
        let old = ["GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_PRIVATE"];
        assert_eq!(problem(&executable(X86_64, &old), Architecture::X86), None);
        assert_eq!(
            problem(&executable(AARCH64, &[]), Architecture::Arm64),
            None
        );
    }

    #[test]
    fn another_architecture_and_a_newer_glibc_are_reported() {
        let reported = |machine, versions: &[&str]| {
            problem(&executable(machine, versions), Architecture::Arm64).unwrap()
        };
        assert_eq!(
            reported(X86_64, &[]),
            "is for x86_64, but the environment's functions run on arm64"
        );
        assert!(
            reported(AARCH64, &["GLIBC_2.17", "GLIBC_2.39"])
                .starts_with("requires glibc 2.39, but Lambda")
        );
    }

    #[test]
    fn a_file_that_is_not_an_executable_is_reported() {
        for content in [
            &b"#!/bin/sh"[..],
            b"",
            b"\x7fELF\x01\x01",
            b"\x7fELF\x02\x01",
        ] {
            assert!(
                problem(content, Architecture::X86)
                    .unwrap()
                    .starts_with("is not")
            );
        }
        assert!(problem(&executable(8, &[]), Architecture::X86).is_some());
    }
}
