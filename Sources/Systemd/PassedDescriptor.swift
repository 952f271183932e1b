import CSystemd
import Glibc

/// An open file that the service manager handed over: a socket unit's, or one from the fd store.
package struct PassedDescriptor: Sendable, Hashable {
    /// `FileDescriptorName=` of the socket unit or `FDNAME=` of the store. Names, not places, tell descriptors apart:
    /// their order changes between starts.
    package let name: String
    /// Close-on-exec. The receiver owns it.
    package let descriptor: Int32

    /// All that were handed to this process; none is no error. Source: sd_listen_fds(3).
    package static func all() -> [PassedDescriptor] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(0, &names)
        guard count > 0, let names else { return [] }
        defer {
            for index in 0..<Int(count) { free(names[index]) }
            free(names)
        }
        return (0..<count).map { index in
            let name = names[Int(index)].map { String(cString: $0) }
            return PassedDescriptor(name: name ?? "", descriptor: SD_LISTEN_FDS_START + index)
        }
    }
}
