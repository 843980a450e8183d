# What a person or a CI job runs. `make compare` and `make test` start from a machine that has only Rust and a C
# compiler; `make help` lists all targets. BACKEND is the cargo feature that chooses the LAPACK underneath.
# This file holds no build logic: features and linking are decided in Cargo.toml and build.rs.

CARGO ?= cargo
BACKEND ?= openblas-system
PEERS := benches/peers/Cargo.toml

# The default features are left alone where they say the same, so that a plain `cargo test` finds everything built.
ifeq ($(BACKEND),openblas-system)
FEATURES :=
else
FEATURES := --no-default-features --features cli,$(BACKEND)
endif

# Leaks count where the memory is lost for good. Rust's test harness and OpenBLAS keep some until the process ends.
VALGRIND := valgrind --quiet --error-exitcode=1 --leak-check=full --show-leak-kinds=definite \
	--errors-for-leak-kinds=definite --num-callers=25

.DEFAULT_GOAL := help
.PHONY: help setup compare test lint doc bench bench-python bench-gradients trials sweep crossover memcheck

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 22

setup: ## Install OpenBLAS and pkg-config if they are missing (apt-get, dnf or brew)
ifeq ($(BACKEND),openblas-system)
	@sh tools/install.sh openblas
endif

compare: setup ## The normal equations against QR and the SVD on the NIST data sets
	$(CARGO) run --locked --release $(FEATURES) -- nist

test: lint doc ## Formatting, clippy, documentation and all tests, warnings being errors
	$(CARGO) check --locked --lib --no-default-features --features $(BACKEND)
	$(CARGO) test --locked $(FEATURES)

lint: setup ## Formatting and clippy, warnings being errors
	@$(CARGO) fmt --version >/dev/null || { echo "rustfmt is missing: rustup component add rustfmt" >&2; exit 1; }
	@$(CARGO) clippy --version >/dev/null || { echo "clippy is missing: rustup component add clippy" >&2; exit 1; }
	$(CARGO) fmt -- --check
	$(CARGO) fmt --manifest-path $(PEERS) -- --check
	$(CARGO) clippy --locked --all-targets $(FEATURES) -- -D warnings

doc: setup ## The documentation of the library, warnings being errors
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --lib $(FEATURES)

bench: setup ## The table of speed ratios: raw LAPACK, ndarray-linalg, faer, nalgebra
	$(CARGO) run --locked --release --manifest-path $(PEERS)

trials: setup ## Least squares by methods of the literature, in time and error
	$(CARGO) run --locked --release --manifest-path $(PEERS) -- --trials

sweep: setup ## Refined normal equations against QR over the shapes: what Method::Auto's thresholds are read from
	$(CARGO) run --locked --release --manifest-path $(PEERS) -- --sweep

bench-python: setup ## NumPy's and SciPy's lstsq beside lapwing's, on the same matrices (needs Python 3 with venv)
	$(call beside,python,requirements.txt,lstsq.py,npy)

bench-gradients: setup ## PyTorch's and JAX's gradients beside lapwing's, on the same matrices (gigabytes of Python packages)
	$(call beside,python-gradients,requirements-gradients.txt,gradients.py,npy-gradients)

# A script beside the bench's program: its virtual environment, what that needs, its name, and where the matrices go.
define beside
	$(CARGO) build --locked --release --manifest-path $(PEERS)
	python3 -m venv benches/peers/target/$(1)
	benches/peers/target/$(1)/bin/pip install --quiet --disable-pip-version-check -r benches/peers/python/$(2)
	benches/peers/target/$(1)/bin/python benches/peers/python/$(3) benches/peers/target/release/peers benches/peers/target/$(4)
endef

crossover: setup ## One thread against all threads: what the thread policy is read from
	$(CARGO) run --locked --release --manifest-path $(PEERS) -- --crossover

memcheck: setup ## The unsafe floor's tests under valgrind
	@sh tools/install.sh valgrind
	OPENBLAS_NUM_THREADS=2 $(CARGO) --config 'target."cfg(all())".runner = "$(VALGRIND)"' \
		test --locked --test suite $(FEATURES) memcheck:: -- --test-threads=1
