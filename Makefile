# Two commands matter: `make demo` and `make test`. README.md explains both.
