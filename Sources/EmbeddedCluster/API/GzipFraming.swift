/// A gzip file (RFC 1952) whose deflate blocks are stored, not compressed (RFC 1951, section 3.2.4).
///
/// Why: clients that ask for gzip get an answer labelled as the API server labels it; on loopback
/// compressing would only cost time.
enum GzipFraming {
  static func framed(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    output.reserveCapacity(bytes.count + bytes.count / 65_535 * 5 + 32)
    var start = 0
    repeat {
      let end = min(start + 65_535, bytes.count)
      let length = UInt16(end - start)
      output.append(end == bytes.count ? 1 : 0)
      append(UInt32(length), 2, to: &output)
      append(UInt32(~length), 2, to: &output)
      output.append(contentsOf: bytes[start..<end])
      start = end
    } while start < bytes.count
    append(checksum(bytes), 4, to: &output)
    append(UInt32(truncatingIfNeeded: bytes.count), 4, to: &output)
    return output
  }

  private static func append(_ value: UInt32, _ count: Int, to bytes: inout [UInt8]) {
    for i in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(i)))) }
  }

  /// CRC-32 (RFC 1952, section 8).
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8) }
    return ~crc
  }

  private static let table: [UInt32] = (0..<256).map { i in
    (0..<8).reduce(UInt32(i)) { c, _ in c & 1 == 1 ? 0xEDB8_8320 ^ (c >> 1) : c >> 1 }
  }
}
