module landfall.dev/embedded/testserver

go 1.24
