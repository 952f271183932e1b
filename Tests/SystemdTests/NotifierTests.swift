import Glibc
import Systemd
import TestSupport
import Testing

/// Each test that sets the environment has a process of its own.
@Suite("Notifying the service manager")
struct NotifierTests {
    @Test("states arrive in one message, each on its line")
    func sends() async {
        await #expect(processExitsWith: .success) {
            try await withTemporaryDirectory { directory in
                let socket = try NotifySocket(path: "\(directory)/notify")
                setenv("NOTIFY_SOCKET", "\(directory)/notify", 1)
                #expect(Notifier().send(.ready, .status("syncing"), .extendTimeout(.milliseconds(1500))) == .sent)
                #expect(socket.message() == "READY=1\nSTATUS=syncing\nEXTEND_TIMEOUT_USEC=1500000")
                #expect(Notifier().send(.stopping) == .sent)
                #expect(socket.message() == "STOPPING=1")
                #expect(Notifier().send(.watchdog) == .sent)
                #expect(socket.message() == "WATCHDOG=1")
                #expect(socket.message() == nil)
            }
        }
    }

    @Test("a status text cannot smuggle in another assignment")
    func statusIsOneLine() async {
        await #expect(processExitsWith: .success) {
            try await withTemporaryDirectory { directory in
                let socket = try NotifySocket(path: "\(directory)/notify")
                setenv("NOTIFY_SOCKET", "\(directory)/notify", 1)
                Notifier().send(.status("a\nREADY=1\r\nb"))
                #expect(socket.message() == "STATUS=a READY=1 b")
            }
        }
    }

    @Test("an open file is given to the service manager with its name, and taken back by it")
    func keeps() async {
        await #expect(processExitsWith: .success) {
            try await withTemporaryDirectory { directory in
                let socket = try NotifySocket(path: "\(directory)/notify")
                setenv("NOTIFY_SOCKET", "\(directory)/notify", 1)
                let file = open(directory, O_RDONLY)
                #expect(Notifier().keep(file, as: "control") == .sent)
                let received = socket.messageWithFile()
                let message = try #require(received)
                #expect(message.text == "FDSTORE=1\nFDPOLL=0\nFDNAME=control")
                var (ours, theirs) = (stat(), stat())
                #expect(fstat(file, &ours) == 0 && fstat(message.descriptor, &theirs) == 0)
                #expect(ours.st_ino == theirs.st_ino)
                #expect(Notifier().forget("control") == .sent)
                #expect(socket.message() == "FDSTOREREMOVE=1\nFDNAME=control")
            }
        }
    }

    @Test("a reload tells when it began, by the clock that the service manager goes by")
    func reloads() async {
        await #expect(processExitsWith: .success) {
            try await withTemporaryDirectory { directory in
                let socket = try NotifySocket(path: "\(directory)/notify")
                setenv("NOTIFY_SOCKET", "\(directory)/notify", 1)
                func now() -> Int64 {
                    var time = timespec()
                    clock_gettime(CLOCK_MONOTONIC, &time)
                    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
                }
                let before = now()
                Notifier().send(.reloading)
                let message = socket.message()
                let lines = try #require(message).split(separator: "\n")
                #expect(lines.first == "RELOADING=1")
                let time = try #require(lines.last.flatMap { Int64($0.dropFirst("MONOTONIC_USEC=".count)) })
                #expect((before...now()).contains(time))
            }
        }
    }

    @Test("without a service manager nothing is sent, and with a broken one the daemon lives on")
    func nobodyListens() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            #expect(Notifier().send(.ready) == .nobodyListens)
            setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1)
            #expect(Notifier().send(.ready) == .failed(errno: ENOENT))
        }
    }

    @Test("the watchdog's interval is the service manager's, for this process only")
    func watchdog() async {
        await #expect(processExitsWith: .success) {
            unsetenv("WATCHDOG_USEC")
            #expect(Notifier().watchdogInterval == nil)
            setenv("WATCHDOG_USEC", "60000000", 1)
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            #expect(Notifier().watchdogInterval == .seconds(60))
            setenv("WATCHDOG_PID", "1", 1)
            #expect(Notifier().watchdogInterval == nil)
        }
    }
}

@Suite("Descriptors handed over")
struct PassedDescriptorTests {
    @Test("go by their names, and are closed on exec")
    func named() async {
        await #expect(processExitsWith: .success) {
            let source = open("/dev/null", O_RDONLY)
            dup2(source, 3)
            dup2(source, 4)
            setenv("LISTEN_PID", "\(getpid())", 1)
            setenv("LISTEN_FDS", "2", 1)
            setenv("LISTEN_FDNAMES", "control:stored", 1)
            let passed = PassedDescriptor.all()
            #expect(passed.map(\.name) == ["control", "stored"])
            #expect(passed.map(\.descriptor) == [3, 4])
            #expect(fcntl(3, F_GETFD) & FD_CLOEXEC != 0)
        }
    }

    @Test("are not those of another process")
    func others() async {
        await #expect(processExitsWith: .success) {
            setenv("LISTEN_PID", "1", 1)
            setenv("LISTEN_FDS", "2", 1)
            #expect(PassedDescriptor.all().isEmpty)
        }
    }
}
