import Glibc

/// glibc's malloc, told to give memory back: an operator allocates in bursts and then waits for
/// months.
enum Allocator {
  /// To be called before other threads run.
  static func keepSmall() {
    // Few threads, each with a cache of its own: more arenas only keep more free memory.
    set(option: -8, 1)  // M_ARENA_MAX
    set(option: -3, 128 << 10)  // M_MMAP_THRESHOLD: fixed, where glibc would raise it to 32 MiB
    set(option: -1, 256 << 10)  // M_TRIM_THRESHOLD
  }

  /// glibc's mallopt, which its module map leaves out; nothing happens where there is none.
  private static func set(option: CInt, _ value: CInt) {
    guard let symbol = dlsym(nil, "mallopt") else { return }
    typealias Option = @convention(c) (CInt, CInt) -> CInt
    _ = unsafeBitCast(symbol, to: Option.self)(option, value)
  }
}
