# Everything that CI runs, as CI runs it.
check:
    bash .ci/run

# The whole platform on this machine, with synthetic events.
demo:
    cargo run -p stack -- demo

test:
    cargo test --workspace

fmt:
    cargo fmt --all

lint:
    cargo clippy --workspace --all-targets -- -D warnings

# Accept snapshots that are meant to have changed; read them before you commit.
snapshots:
    INSTA_UPDATE=always cargo test --workspace

# Draw architecture.svg again, after a change of the crates or of .ci/picture.py.
picture:
    python3 .ci/picture.py

# Change the code of the data path in one place at a time, and list what no test noticed. Takes hours; `just mutants -p events` 10 minutes. Needs `cargo install cargo-mutants`.
mutants *args:
    cargo mutants --output target {{args}}

# The same for COPY, with the tests of the server, which run PostgreSQL.
mutants-copy *args:
    cargo mutants --config .cargo/mutants-copy.toml --output target {{args}}

# Read again from CloudFormation's schemas what replaces a resource that holds data. Needs cfn-lint's Python.
lock-types:
    ~/.cache/riverhouse-ci/bin/python .ci/create_only.py

# Read again from CloudFormation's schemas what a deployer must be allowed for each resource type. Needs cfn-lint's Python.
lock-actions:
    ~/.cache/riverhouse-ci/bin/python stack/src/permissions/actions.py > target/actions.txt
    mv target/actions.txt stack/src/permissions/actions.txt

# Pin the Python packages of the local environment, of the report's charts, and of the stories' clients again.
lock-python: (pin "crates/local/python") (pin "stack/src/report/python") (pin "tests/stories/python") (pin "tests/stories/python/tableau" "--no-deps")

[private]
pin folder *options:
    echo '# Made by `just lock-python` from requirements.in; do not edit.' > {{folder}}/requirements.txt
    uv pip compile --universal --python-version 3.10 --generate-hashes --no-annotate --no-header --only-binary :all: {{options}} {{folder}}/requirements.in >> {{folder}}/requirements.txt
