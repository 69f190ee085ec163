//! The TLS certificate of an environment, and the authority that signs it.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use crate::{LocalError, Machine, folders};

/// The subject alternative names of the certificate.
const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

/// The files of the certificate.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// The certificate that clients trust: `sslrootcert`.
    pub(crate) authority: PathBuf,
    /// The certificate that the server sends.
    pub(crate) chain: PathBuf,
    /// The server's private key, readable by its owner only.
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// Returns the paths of the files of `machine`, whether they exist or not.
    pub(crate) fn of(machine: &Machine) -> Self {
        let folder = machine.tls_folder();
        Self {
            authority: machine.certificate_authority(),
            chain: folder.join("server.pem"),
            key: folder.join("server.key"),
        }
    }
}

/// Creates the certificate if it does not exist.
///
/// The authority's private key is discarded after it has signed, so that no other certificate can ever be created
/// that its clients would trust.
pub(crate) fn prepare(machine: &Machine) -> Result<Certificate, LocalError> {
    let files = Certificate::of(machine);
    if files.key.exists() {
        return Ok(files);
    }
    folders::make(&machine.tls_folder())?;
    let generated = generate(&machine.name).map_err(LocalError::Certificate)?;
    let write = |path: &Path, text: &str| {
        std::fs::write(path, text).map_err(LocalError::file("write", path))
    };
    write(&files.authority, &generated.authority)?;
    write(&files.chain, &generated.chain)?;
    // Last, because its existence means that all files exist.
    folders::write_private(&files.key, &generated.key)?;
    Ok(files)
}

struct Generated {
    authority: String,
    chain: String,
    key: String,
}

fn generate(environment: &str) -> Result<Generated, rcgen::Error> {
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
    Ok(Generated {
        authority: root.pem(),
        chain: signed.pem(),
        key: key.serialize_pem(),
    })
}
