//! An event is followed through every stage, on the command line and in the console.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::environment::{Environment, beside_others};
use crate::processes;

/// Runs `stack trace` and returns its JSON and exit code.
fn trace(environment: &Environment, arguments: &[&str]) -> (Value, Option<i32>) {
    let command = [&["trace", "--json", "--env", environment.name], arguments].concat();
    let output = environment.run(&command);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let trace = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"));
    (trace, output.status.code())
}

/// Returns place and state of every step.
fn states(trace: &Value) -> Vec<(&str, &str)> {
    let steps = trace["steps"].as_array().unwrap();
    let states = steps.iter().map(|step| (&step["place"], &step["state"]));
    states
        .map(|(place, state)| (place.as_str().unwrap(), state.as_str().unwrap()))
        .collect()
}

#[test]
fn a_trace_shows_an_event_in_every_place_and_why_another_is_in_none() {
    let _way = beside_others();
    let environment = Environment::shared();
    let report = environment.json(&[
        "stream",
        "--synthetic",
        "40",
        "--seed",
        "71",
        "--wait",
        "--json",
    ]);
    let id = format!("{}-0000007", report["event_id_prefix"].as_str().unwrap());
    let (found, code) = trace(environment, &[&id]);
    assert_eq!(
        (&found["outcome"], code),
        (&"in_warehouse".into(), Some(0)),
        "{found}"
    );
    let places = [
        "api",
        "stream",
        "table",
        "lake",
        "staging",
        "load",
        "warehouse",
    ];
    assert_eq!(
        states(&found),
        places.map(|place| (place, "done")),
        "{found}"
    );

    let event = r#"{"EventId":"trace-rejected","InvoiceNo":"990071","StockCode":"1","Quantity":"six",
        "InvoiceDate":"12/1/2010 8:26","UnitPrice":1,"Country":"EIRE"}"#;
    let (status, answer) = environment.post("application/json", event.as_bytes());
    assert_eq!(status, 400, "{answer}");
    let (rejected, code) = trace(environment, &["trace-rejected"]);
    assert_eq!(
        (&rejected["outcome"], code),
        (&"rejected".into(), Some(1)),
        "{rejected}"
    );
    assert_eq!(states(&rejected)[0], ("api", "rejected"));
    let reject = rejected["steps"][0]["facts"]["reject_id"].as_str().unwrap();
    environment.stack(&["rejects", environment.name, "--acknowledge", reject]);

    let (nothing, code) = trace(environment, &["trace-nothing", "--invoice", "990072"]);
    assert_eq!(
        (&nothing["outcome"], code),
        (&"not_found".into(), Some(1)),
        "{nothing}"
    );
}

/// The console and its only browser.
struct Console {
    process: Child,
    /// Kept open, because the console ends when nobody can read its output.
    _output: BufReader<ChildStdout>,
    port: u16,
    cookie: String,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

/// Sends a request and reads the response until its end, or until `enough` is in it.
fn send(port: u16, request: &str, enough: Option<&str>) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_mins(1)))
        .unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let (mut bytes, mut block) = (Vec::new(), [0; 4096]);
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let count = match enough {
            Some(enough) if text.contains(enough) => 0,
            _ => stream
                .read(&mut block)
                .unwrap_or_else(|error| panic!("{error}: {text}")),
        };
        if count == 0 {
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            return Answer {
                status: head[9..12].parse().unwrap(),
                head: head.to_owned(),
                body: body.to_owned(),
            };
        }
        assert!(
            Instant::now() < deadline,
            "waited 60 s for {enough:?}: {text}"
        );
        bytes.extend_from_slice(&block[..count]);
    }
}

fn get(port: u16, path: &str, headers: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
    send(port, &request, None)
}

impl Console {
    fn start(environment: &Environment) -> (Self, String) {
        let mut process = environment
            .command(&["console", environment.name])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("http://127.0.0.1:").unwrap().1;
        let (port, path) = address.split_once('/').unwrap();
        let console = Self {
            process,
            _output: output,
            port: port.parse().unwrap(),
            cookie: String::new(),
        };
        (console, format!("/{path}"))
    }

    /// Headers of the browser that opened the console.
    fn headers(&self) -> String {
        format!(
            "Host: 127.0.0.1:{}\r\nCookie: {}\r\n",
            self.port, self.cookie
        )
    }

    fn get(&self, path: &str) -> Answer {
        get(self.port, path, &self.headers())
    }

    fn post(&self, path: &str, form: &str) -> Answer {
        let request = format!(
            "POST {path} HTTP/1.1\r\nConnection: close\r\n{}Origin: http://127.0.0.1:{}\r\nX-Riverhouse-Console: 1\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.headers(),
            self.port,
            form.len()
        );
        send(self.port, &request, None)
    }

    /// Opens the console with its token, which works once.
    fn enter(&mut self, path: &str) {
        let host = format!("Host: 127.0.0.1:{}\r\n", self.port);
        assert_eq!(get(self.port, "/enter/wrong", &host).status, 403);
        assert_eq!(get(self.port, path, "Host: evil.example\r\n").status, 403);
        let entered = get(self.port, path, &host);
        assert_eq!(entered.status, 303, "{}", entered.head);
        let head = entered.head;
        let cookie = head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.unwrap_or_else(|| panic!("{head}"));
        assert!(
            cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"),
            "{cookie}"
        );
        cookie
            .split(';')
            .next()
            .unwrap()
            .clone_into(&mut self.cookie);
        assert_eq!(
            get(self.port, path, &host).status,
            403,
            "the token works once"
        );
        assert_eq!(self.get(path).status, 303, "who is in may open it again");
    }
}

/// Ends the console if the story fails.
impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A form of the page: an order line with a description that would be an element.
const ORDER: &str = "invoice_no=990073&stock_code=85123A&description=%3Cscript%3E&quantity=6&unit_price=2.55\
                 &invoice_date=2010-12-01T08%3A26&customer_id=&country=EIRE";

#[test]
fn the_console_answers_its_own_browser_and_nobody_else() {
    let _way = beside_others();
    let environment = Environment::shared();
    let (mut console, path) = Console::start(environment);
    console.enter(&path);
    let page = console.get("/");
    assert_eq!(page.status, 200);
    assert!(
        page.head.contains("default-src 'none'; script-src 'self'"),
        "{}",
        page.head
    );
    let token = path.rsplit('/').next().unwrap();
    let secret = console.cookie.split('=').nth(1).unwrap();
    for text in [&page.head, &page.body] {
        assert!(!text.contains(token) && !text.contains(secret), "{text}");
    }
    let host = format!("Host: 127.0.0.1:{}\r\n", console.port);
    let headers = console.headers();
    for (path, headers) in [
        ("/", host.clone()),
        ("/console.js", host.clone()),
        ("/", format!("{headers}Origin: http://evil.example\r\n")),
        ("/live", format!("{headers}Sec-Fetch-Site: cross-site\r\n")),
        ("/", headers.replace("127.0.0.1", "evil.example")),
        ("/", format!("{host}Cookie: {}x\r\n", console.cookie)),
    ] {
        assert_eq!(
            get(console.port, path, &headers).status,
            403,
            "{path} {headers}"
        );
    }
    // A form of another page can send everything but the header.
    let foreign = format!(
        "POST /redrive HTTP/1.1\r\nConnection: close\r\n{headers}Content-Length: 0\r\n\r\n"
    );
    assert_eq!(send(console.port, &foreign, None).status, 403);
    let port = console.port.to_string();
    let second = environment.run(&["console", environment.name, "--port", &port]);
    let stderr = String::from_utf8_lossy(&second.stderr);
    assert!(
        stderr.contains(&format!("port {port} of this machine is in use")),
        "{stderr}"
    );
    processes::signal(console.process.id().into(), Signal::INT);
    assert_eq!(console.process.wait().unwrap().code(), Some(130));
}

#[test]
fn the_console_shows_the_stages_and_follows_an_event_to_the_warehouse() {
    let _way = beside_others();
    let environment = Environment::shared();
    let (mut console, path) = Console::start(environment);
    console.enter(&path);
    let live = format!("GET /live HTTP/1.1\r\n{}\r\n", console.headers());
    let seen = send(console.port, &live, Some("event: statements")).body;
    for stage in ["ingest", "stream", "store", "transform", "load", "analyst"] {
        assert!(
            seen.contains(&format!("</span>{stage}</h3>")),
            "{stage} in {seen}"
        );
    }

    let sent = console.post("/event", ORDER).body;
    let id = sent
        .split("<code>")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    let id = id.unwrap_or_else(|| panic!("{sent}"));
    let follow = format!(
        "GET /event/live?id={id}&invoice=990073 HTTP/1.1\r\n{}\r\n",
        console.headers()
    );
    let followed = send(console.port, &follow, Some("event: end")).body;
    assert!(followed.contains("in the warehouse at most "), "{followed}");
    let row = &environment.query(&format!(
        "SELECT description, quantity FROM retail.sales_line WHERE event_id = '{id}'"
    ))[0];
    assert_eq!(
        (&row["description"], &row["quantity"]),
        (&"<script>".into(), &6.into())
    );
    let live = send(console.port, &live, Some("&lt;script&gt;")).body;
    assert!(!live.contains("<script>"), "{live}");
}

#[test]
fn the_console_asks_as_an_analyst_shows_the_report_and_why_an_event_is_rejected() {
    let _way = beside_others();
    let environment = Environment::shared();
    let (mut console, path) = Console::start(environment);
    console.enter(&path);
    let report = console.get("/report");
    assert_eq!(report.status, 200, "{}", report.body);
    assert!(
        report.head.contains("style-src 'unsafe-inline'"),
        "{}",
        report.head
    );
    assert!(
        report.body.trim_end().ends_with("</html>"),
        "{}",
        report.body
    );

    let denied = console
        .post("/sql", "sql=SELECT+*+FROM+retail.sales_line")
        .body;
    assert!(
        denied.contains("permission denied for schema retail"),
        "{denied}"
    );
    let answer = console.post(
        "/sql",
        "sql=SELECT+current_user%2C+n+FROM+generate_series(1%2C+500)+AS+n",
    );
    assert!(answer.body.contains("<td>tableau</td>"), "{}", answer.body);
    assert!(
        answer.body.contains("the first 200 rows"),
        "{}",
        answer.body
    );
    let wrong = console
        .post("/event", &ORDER.replace("quantity=6", "quantity=six"))
        .body;
    assert!(wrong.contains("Quantity not_a_number"), "{wrong}");
    acknowledge_last(environment);
}

/// Closes the reject of the last event, so that other stories find the environment healthy.
fn acknowledge_last(environment: &Environment) {
    let rejects = environment.stack(&["rejects", environment.name, "--json"]);
    let rejects: Vec<Value> = rejects
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let own = |reject: &&Value| {
        let id = reject["event_id"].as_str().unwrap_or_default();
        id.starts_with("console-")
    };
    for reject in rejects.iter().filter(own) {
        let id = reject["id"].as_str().unwrap();
        environment.stack(&["rejects", environment.name, "--acknowledge", id]);
    }
}
