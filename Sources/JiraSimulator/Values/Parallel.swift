import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How many cores there are to work with.
let coreCount = max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1)

extension Range<Int> {
    /// What `work` makes of the range's parts of up to `partSize`, in order; all cores work at once.
    func mapInParallel<Part: Sendable>(partSize: Int, _ work: @Sendable (Range<Int>) -> Part) -> [Part] {
        let partCount = (count + partSize - 1) / partSize
        let done = Mutex<[Int: Part]>([:])
        DispatchQueue.concurrentPerform(iterations: partCount) { index in
            let first = lowerBound + index * partSize
            let part = work(first..<Swift.min(first + partSize, upperBound))
            done.withLock { $0[index] = part }
        }
        return done.withLock { parts in (0..<partCount).compactMap { parts[$0] } }
    }
}
