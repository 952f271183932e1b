import Foundation
import Glibc

/// What the kernel keeps of a file in memory.
enum PageCache {
    /// Has the kernel forget the file, which nobody may have open.
    ///
    /// Source: <https://man7.org/linux/man-pages/man2/posix_fadvise.2.html>.
    static func drop(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Pages that are still to be written are not dropped.
        fsync(descriptor)
        posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
    }
}
