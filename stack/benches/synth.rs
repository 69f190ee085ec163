//! How long it takes to render all stacks of each environment, and how many bytes they have. The profile `dev` is what
//! `cargo run -p stack` has; without it everything is compiled once more.
//!
//! ```sh
//! cargo bench --profile dev -p stack --bench synth
//! ```

use std::time::Instant;

use stack::environment::Environment;
use stack::platform::{Stack, stacks};

const TIMES: u32 = 100;

#[expect(clippy::print_stdout, reason = "figures are what this program is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    for name in Environment::known() {
        let environment = Environment::load(name)?;
        let start = Instant::now();
        for _ in 0..TIMES {
            let texts: Vec<_> = stacks(&environment).iter().map(render).collect();
            std::hint::black_box(texts);
        }
        let took = (start.elapsed() / TIMES).as_secs_f64() * 1000.0;
        let stacks = stacks(&environment);
        let sizes: Vec<_> = stacks
            .iter()
            .map(|stack| format!("{} {}", stack.kind.as_str(), stack.template.to_json().len()))
            .collect();
        println!(
            "{name}: {took:.1} ms for all as YAML and JSON; bytes as JSON: {}",
            sizes.join(", ")
        );
    }
    Ok(())
}

fn render(stack: &Stack) -> [String; 2] {
    [stack.template.to_yaml(), stack.template.to_json()]
}
