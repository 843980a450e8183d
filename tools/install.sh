#!/bin/sh
# Makes sure that what its argument names (openblas or valgrind) is installed, and says what it does.
# Installs through apt-get, dnf or brew; asks no question: where a password would be needed it prints the command.
# It must not build, fetch or configure anything else.
set -eu

need=${1:?usage: install.sh openblas|valgrind}

case $need in
openblas)
	apt="libopenblas-dev pkg-config" dnf="openblas-devel pkgconf-pkg-config" brew="openblas pkgconf" ;;
valgrind)
	apt=valgrind dnf=valgrind brew=valgrind ;;
*)
	echo "install.sh: expected openblas or valgrind, found $need" >&2
	exit 2 ;;
esac

# The same places as build.rs: pkg-config, and on macOS Homebrew, which keeps OpenBLAS out of pkg-config's sight.
present() {
	case $need in
	valgrind)
		command -v valgrind >/dev/null ;;
	openblas)
		pkg-config --exists openblas 2>/dev/null ||
			{ [ "$(uname)" = Darwin ] && brew list --versions openblas >/dev/null 2>&1; } ;;
	esac
}

# Runs one command line as administrator, without ever waiting for a password.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		sh -c "$1"
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		sudo -n sh -c "$1"
	else
		echo "Installing $need needs an administrator. Run this, then make again:" >&2
		echo "    sudo sh -c '$1'" >&2
		exit 1
	fi
}

if present; then
	echo "$need is installed"
	exit 0
fi
if command -v apt-get >/dev/null; then
	echo "$need is missing: installing $apt with apt-get"
	install="DEBIAN_FRONTEND=noninteractive apt-get install -y $apt"
	# The list of packages is empty in a fresh container, and an old one names files that are gone.
	# shellcheck disable=SC2086 # the names are to be split
	if apt-cache show $apt >/dev/null 2>&1; then
		as_root "$install || (apt-get update && $install)"
	else
		as_root "apt-get update && $install"
	fi
elif command -v dnf >/dev/null; then
	echo "$need is missing: installing $dnf with dnf"
	as_root "dnf install -y $dnf"
elif command -v brew >/dev/null; then
	echo "$need is missing: installing $brew with brew"
	# shellcheck disable=SC2086
	brew install $brew
else
	echo "$need is missing, and neither apt-get, dnf nor brew is here: install it by hand" >&2
	exit 1
fi
if ! present; then
	echo "$need was installed, but cannot be found" >&2
	exit 1
fi
