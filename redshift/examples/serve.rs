//! trial
use redshift::*;
use std::{collections::HashMap, sync::Arc};
struct Fixed(HashMap<String, Identity>);
impl Identities for Fixed {
    fn look_up<'a>(&'a self, id: &'a str) -> Lookup<'a> {
        let f = self.0.get(id).cloned();
        Box::pin(async move { f })
    }
}
#[tokio::main]
async fn main() {
    let e = |k: &str, d: &str| std::env::var(k).unwrap_or(d.to_owned());
    let id = |p| Identity {
        secret_access_key: Secret::new("test"),
        session_token: None,
        principal: p,
    };
    let ids = HashMap::from([
        ("test".to_owned(), id(Principal::Root)),
        ("load".to_owned(), id(Principal::Role("load".into()))),
        ("nobody".to_owned(), id(Principal::Role("nobody".into()))),
    ]);
    let l =
        tokio::net::TcpListener::bind(("127.0.0.1", e("PORT", "55440").parse::<u16>().unwrap()))
            .await
            .unwrap();
    serve(
        l,
        Settings {
            postgres: PostgresSettings {
                host: "127.0.0.1".into(),
                port: 55441,
                database: "riverhouse".into(),
                admin_user: "admin".into(),
                admin_password: Secret::new("adminpw"),
            },
            s3: S3Settings {
                endpoint_url: Some(e("S3", "http://127.0.0.1:55442")),
                access_key_id: "test".into(),
                secret_access_key: Secret::new("test"),
            },
            region: "us-east-1".into(),
            account: "000000000000".into(),
            cluster_identifier: "riverhouse-local".into(),
            state_dir: e("STATE", "/tmp/rs-state").into(),
            identities: Arc::new(Fixed(ids)),
        },
        async {
            let _ = tokio::signal::ctrl_c().await;
        },
    )
    .await
    .unwrap();
}
