import Glibc

/// The pages of the program's files that are in memory as they are in the files: code and constants.
enum ResidentCode {
  /// Unmaps them all; what is still used comes back from the page cache, at a microsecond a page.
  ///
  /// Starting touches most of the program and of the libraries below libcurl once: some 20 MiB that
  /// would count as the operator's memory for months.
  static func drop() {
    guard let file = fopen("/proc/self/smaps", "r") else { return }
    defer { fclose(file) }
    var ranges = Ranges()
    var line = [UInt8](repeating: 0, count: 4352)
    let capacity = Int32(line.count)
    while line.withUnsafeMutableBytes({
      fgets($0.baseAddress?.assumingMemoryBound(to: CChar.self), capacity, file)
    }) != nil {
      ranges.read(line.prefix { $0 != 0 })
    }
    for range in ranges.unchanged {
      guard let start = UnsafeMutableRawPointer(bitPattern: range.lowerBound) else { continue }
      madvise(start, range.count, MADV_DONTNEED)
    }
  }

  /// What the lines of `/proc/PID/smaps` (proc_pid_smaps(5)) tell, which come in their order.
  struct Ranges {
    /// The addresses that map a part of a file read only, where nothing in memory differs from the
    /// file. Relocated constants do: they were written before they became read only.
    private(set) var unchanged: [Range<UInt>] = []
    private var candidate: Range<UInt>?

    mutating func read(_ line: ArraySlice<UInt8>) {
      let fields = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
      if let first = fields.first, first.elementsEqual("Anonymous:".utf8) {
        if let candidate, fields.count == 3, fields[1].elementsEqual("0".utf8) {
          unchanged.append(candidate)
        }
        candidate = nil
      } else if fields.count >= 5, let addresses = Self.addresses(fields[0]) {
        let isReadOnly = ["r-xp", "r--p"].contains { fields[1].elementsEqual($0.utf8) }
        let isFile = fields.count >= 6 && fields[5].first == UInt8(ascii: "/")
        candidate = isReadOnly && isFile ? addresses : nil
      }
    }

    private static func addresses(_ field: ArraySlice<UInt8>) -> Range<UInt>? {
      let ends = field.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      guard ends.count == 2,
        let start = UInt(String(decoding: ends[0], as: UTF8.self), radix: 16),
        let end = UInt(String(decoding: ends[1], as: UTF8.self), radix: 16), start < end
      else { return nil }
      return start..<end
    }
  }
}
