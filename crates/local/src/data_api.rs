//! The Redshift Data API server, which runs inside the supervisor.

use std::future::Future;
use std::sync::Arc;

use crate::ports::Ports;
use crate::{LocalError, Machine, emulator, postgres};

/// Binds the port and returns a future that serves until `stop` completes.
pub(crate) async fn serve<S>(
    machine: &Machine,
    ports: Ports,
    admin_password: String,
    identities: Arc<dyn redshift_local::Identities>,
    stop: S,
) -> Result<impl Future<Output = Result<(), LocalError>> + use<S>, LocalError>
where
    S: Future<Output = ()> + Send + 'static,
{
    let folder = machine.data_api_folder();
    crate::folders::make(&folder)?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", ports.data_api))
        .await
        .map_err(LocalError::file(
            "listen on",
            std::path::Path::new("127.0.0.1"),
        ))?;
    let settings = redshift_local::Settings {
        postgres: postgres_settings(ports, admin_password),
        s3: s3_settings(ports),
        region: emulator::REGION.to_owned(),
        account: emulator::ACCOUNT.to_owned(),
        cluster_identifier: format!("riverhouse-{}", machine.name),
        state_dir: folder,
        identities,
    };
    Ok(async move {
        redshift_local::serve(listener, settings, stop)
            .await
            .map_err(LocalError::DataApi)
    })
}

fn postgres_settings(ports: Ports, admin_password: String) -> redshift_local::PostgresSettings {
    redshift_local::PostgresSettings {
        host: "127.0.0.1".to_owned(),
        port: ports.postgres,
        database: postgres::DATABASE.to_owned(),
        admin_user: postgres::ADMIN.to_owned(),
        admin_password: redshift_local::Secret::new(admin_password),
    }
}

fn s3_settings(ports: Ports) -> redshift_local::S3Settings {
    redshift_local::S3Settings {
        endpoint_url: Some(emulator::url(ports.emulator)),
        access_key_id: emulator::ACCESS_KEY_ID.to_owned(),
        secret_access_key: redshift_local::Secret::new(emulator::SECRET_ACCESS_KEY),
    }
}
