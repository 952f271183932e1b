import Glibc

/// A terminal that shows nothing of what is pasted and cuts no line off, until it is put back.
///
/// The address that is pasted holds a code with which the consent can be used; it belongs neither on a screen that others
/// see nor into a terminal's history. In its usual mode a terminal also throws away what a line has beyond 4,095 bytes
/// (<https://man7.org/linux/man-pages/man3/termios.3.html>), and an address may be longer. Keys that send signals keep doing so.
struct SilentTerminal {
    private let descriptor: CInt
    private let usual: termios

    /// `nil` where it is no terminal, or this program may not use it, being in its background: touching it would stop the
    /// program.
    init?(_ descriptor: CInt) {
        var usual = termios()
        guard tcgetattr(descriptor, &usual) == 0, tcgetpgrp(descriptor) == getpgrp() else { return nil }
        self.descriptor = descriptor
        self.usual = usual
        var silent = usual
        silent.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON)
        withUnsafeMutableBytes(of: &silent.c_cc) { characters in
            characters[Int(VMIN)] = 1
            characters[Int(VTIME)] = 0
        }
        // What was typed before is kept: it may be the address.
        tcsetattr(descriptor, TCSADRAIN, &silent)
    }

    func restore() {
        var usual = usual
        tcsetattr(descriptor, TCSADRAIN, &usual)
    }
}
