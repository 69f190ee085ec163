//! Whether a binary can run as a function: its processor, and the newest glibc that it asks for.

use cfn::resources::lambda::Architecture;

/// glibc of the runtime `provided.al2023`: a binary that asks for a later one ends before its first line.
///
/// Source: <https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html>
pub(super) const RUNTIME_GLIBC: u16 = 34;

/// Where the header says which processor it is for; 64 bits, little-endian, or it is none of Lambda's.
const MACHINE: std::ops::Range<usize> = 18..20;
const ELF_64_LITTLE: &[u8] = b"\x7fELF\x02\x01";
const X86_64: u16 = 62;
const AARCH64: u16 = 183;

/// What is wrong with `binary` for functions on `wanted`; `None` when it can run there.
pub(super) fn problem(binary: &[u8], wanted: Architecture) -> Option<String> {
    let Some(found) = architecture(binary) else {
        return Some("is no 64-bit Linux executable for arm64 or x86_64".to_owned());
    };
    if found != wanted {
        return Some(format!(
            "is for {}, and the environment's functions run on {}",
            found.name(),
            wanted.name()
        ));
    }
    let newest = newest_glibc(binary).filter(|minor| *minor > RUNTIME_GLIBC)?;
    Some(format!(
        "needs glibc 2.{newest}, and Lambda has 2.{RUNTIME_GLIBC}: build it with zig as the linker"
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

/// The minor version of the newest `GLIBC_2.x` that a symbol of the binary asks for. The names stand in its
/// string table, each alone between zeros; a static binary has none.
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

    /// The head of an executable that names these versions.
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
    fn another_processor_and_a_newer_glibc_are_told() {
        let told = |machine, versions: &[&str]| {
            problem(&executable(machine, versions), Architecture::Arm64).unwrap()
        };
        assert_eq!(
            told(X86_64, &[]),
            "is for x86_64, and the environment's functions run on arm64"
        );
        assert!(
            told(AARCH64, &["GLIBC_2.17", "GLIBC_2.39"])
                .starts_with("needs glibc 2.39, and Lambda")
        );
    }

    #[test]
    fn what_is_no_executable_is_told() {
        for content in [
            &b"#!/bin/sh"[..],
            b"",
            b"\x7fELF\x01\x01",
            b"\x7fELF\x02\x01",
        ] {
            assert!(
                problem(content, Architecture::X86)
                    .unwrap()
                    .starts_with("is no")
            );
        }
        assert!(problem(&executable(8, &[]), Architecture::X86).is_some());
    }
}
