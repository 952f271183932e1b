#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `base` to the power of `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double {
    pow(base, exponent)
}

/// The natural logarithm.
func logarithm(_ value: Double) -> Double {
    log(value)
}
