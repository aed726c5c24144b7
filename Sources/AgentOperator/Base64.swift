/// RFC 4648 section 4, as Kubernetes writes Secret data.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let a = bytes[start]
      let b = start + 1 < bytes.count ? bytes[start + 1] : 0
      let c = start + 2 < bytes.count ? bytes[start + 2] : 0
      out.append(alphabet[Int(a >> 2)])
      out.append(alphabet[Int((a & 3) << 4 | b >> 4)])
      out.append(
        start + 1 < bytes.count ? alphabet[Int((b & 15) << 2 | c >> 6)] : UInt8(ascii: "="))
      out.append(start + 2 < bytes.count ? alphabet[Int(c & 63)] : UInt8(ascii: "="))
    }
    return String(decoding: out, as: UTF8.self)
  }
}
