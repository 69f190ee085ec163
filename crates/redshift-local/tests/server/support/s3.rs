//! An in-memory S3 server with the operations that COPY and UNLOAD use.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::Semaphore;

type Objects = Arc<Mutex<BTreeMap<String, Bytes>>>;
type Gates = Arc<Mutex<BTreeMap<String, Gate>>>;

/// Delays the reads of an object.
#[derive(Clone)]
pub(crate) struct Gate {
    came: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    /// Waits until a request reads the object.
    pub(crate) async fn reached(&self) {
        self.came.acquire().await.unwrap().forget();
    }

    /// Lets all requests through.
    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }

    async fn pass(&self) {
        self.came.add_permits(1);
        let _ = self.open.acquire().await.unwrap();
    }
}

/// A bucket named `bucket`.
pub(crate) struct Bucket {
    address: SocketAddr,
    objects: Objects,
    gates: Gates,
}

impl Bucket {
    pub(crate) async fn start() -> Self {
        let (objects, gates) = (Objects::default(), Gates::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::disable())
            .with_state((Arc::clone(&objects), Gates::clone(&gates)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            objects,
            gates,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Delays all reads of the object until the gate is opened.
    pub(crate) fn hold(&self, key: &str) -> Gate {
        let gate = Gate {
            came: Arc::new(Semaphore::new(0)),
            open: Arc::new(Semaphore::new(0)),
        };
        self.gates
            .lock()
            .unwrap()
            .insert(key.to_owned(), gate.clone());
        gate
    }

    pub(crate) fn put(&self, key: &str, bytes: impl Into<Bytes>) {
        self.objects
            .lock()
            .unwrap()
            .insert(key.to_owned(), bytes.into());
    }

    /// Stores `text` compressed with gzip and returns its size.
    pub(crate) fn put_gzip(&self, key: &str, text: &str) -> usize {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        let bytes = encoder.finish().unwrap();
        let length = bytes.len();
        self.put(key, bytes);
        length
    }

    pub(crate) fn get(&self, key: &str) -> Option<Bytes> {
        self.objects.lock().unwrap().get(key).cloned()
    }
}

async fn answer(
    State((objects, gates)): State<(Objects, Gates)>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let path = uri.path().replace("%3D", "=");
    let key = path
        .strip_prefix("/bucket")
        .unwrap_or_default()
        .trim_start_matches('/');
    let gate = gates.lock().unwrap().get(key).cloned();
    if let Some(gate) = gate.filter(|_| method == Method::GET) {
        gate.pass().await;
    }
    let mut objects = objects.lock().unwrap();
    let query = uri.query().unwrap_or_default();
    if method == Method::PUT {
        objects.insert(key.to_owned(), body);
        return StatusCode::OK.into_response();
    }
    if query.contains("list-type=2") {
        let prefix = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("prefix="));
        return list(&objects, &prefix.unwrap_or_default().replace("%2F", "/")).into_response();
    }
    match objects.get(key) {
        Some(bytes) => bytes.clone().into_response(),
        None => (
            StatusCode::NOT_FOUND,
            "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>",
        )
            .into_response(),
    }
}

fn list(objects: &BTreeMap<String, Bytes>, prefix: &str) -> String {
    let mut out = "<ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
    for (key, bytes) in objects.iter().filter(|(key, _)| key.starts_with(prefix)) {
        let size = bytes.len();
        write!(
            out,
            "<Contents><Key>{key}</Key><Size>{size}</Size></Contents>"
        )
        .unwrap();
    }
    out + "</ListBucketResult>"
}
