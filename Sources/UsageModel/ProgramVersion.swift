/// The version of daemon and client alike: on the command line, on the socket and in the `User-Agent`.
package let programVersion = "0.1.0"
