//! The certificate of an environment and the authority that vouches for it.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use crate::{LocalError, Machine, folders};

/// Whom the certificate names.
const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

/// Files of the certificate.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// What clients trust: `sslrootcert`.
    pub(crate) authority: PathBuf,
    /// What the server shows.
    pub(crate) chain: PathBuf,
    /// The server's key, readable by its owner alone.
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// Where the files of `machine` are, whether they are there or not.
    pub(crate) fn of(machine: &Machine) -> Self {
        let folder = machine.tls_folder();
        Self {
            authority: folder.join("ca.pem"),
            chain: folder.join("server.pem"),
            key: folder.join("server.key"),
        }
    }
}

/// Makes the certificate, once: one that is there is left as it is.
///
/// The authority's own key is thrown away when it has signed, so that nobody can ever make another
/// certificate that its clients would trust.
pub(crate) fn prepare(machine: &Machine) -> Result<Certificate, LocalError> {
    let files = Certificate::of(machine);
    if files.key.exists() {
        return Ok(files);
    }
    folders::make(&machine.tls_folder())?;
    let made = make(&machine.name).map_err(LocalError::Certificate)?;
    let write = |path: &Path, text: &str| {
        std::fs::write(path, text).map_err(LocalError::file("write", path))
    };
    write(&files.authority, &made.authority)?;
    write(&files.chain, &made.chain)?;
    // Last: its being there says that all are.
    folders::write_private(&files.key, &made.key)?;
    Ok(files)
}

struct Made {
    authority: String,
    chain: String,
    key: String,
}

fn make(environment: &str) -> Result<Made, rcgen::Error> {
    let mut authority = CertificateParams::default();
    let name = format!("Riverhouse {environment} on this machine");
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate()?;
    let root = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);
    let mut server = CertificateParams::new(NAMES.map(str::to_owned))?;
    server
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let signed = server.signed_by(&key, &issuer)?;
    Ok(Made {
        authority: root.pem(),
        chain: signed.pem(),
        key: key.serialize_pem(),
    })
}
