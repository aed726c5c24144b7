import Glibc

/// The program's code pages that are in memory.
enum ResidentCode {
  /// Unmaps them all; what is still used comes back from the page cache, at a microsecond a page.
  ///
  /// Starting touches most of the program and of the libraries below libcurl once: some 17 MiB that
  /// would count as the operator's memory for months.
  static func drop() {
    guard let file = fopen("/proc/self/maps", "r") else { return }
    defer { fclose(file) }
    var ranges: [(start: UInt, end: UInt)] = []
    var line = [CChar](repeating: 0, count: 4352)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      if let range = codeRange(text) { ranges.append(range) }
    }
    for range in ranges {
      guard let start = UnsafeMutableRawPointer(bitPattern: range.start) else { continue }
      madvise(start, Int(range.end - range.start), MADV_DONTNEED)
    }
  }

  /// The addresses of a line of `/proc/PID/maps` (proc_pid_maps(5)) that maps code from a file: read
  /// only, so that nothing in memory differs from the file.
  static func codeRange(_ line: String) -> (start: UInt, end: UInt)? {
    let fields = line.split(separator: " ", omittingEmptySubsequences: true)
    guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
    let ends = fields[0].split(separator: "-")
    guard ends.count == 2, let start = UInt(ends[0], radix: 16), let end = UInt(ends[1], radix: 16),
      start < end
    else { return nil }
    return (start, end)
  }
}
