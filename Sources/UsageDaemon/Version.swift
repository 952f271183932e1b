/// The version of this program: on the command line, on the socket and in the `User-Agent`.
let version = "0.1.0"
