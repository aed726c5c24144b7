/// SHA-256 (FIPS 180-4), for names and change detection.
///
/// Why ours: rendering is pure Swift with no C library below it, and swift-crypto brings one on Linux.
/// Nothing here guards a secret.
struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  /// The digest in lower-case hexadecimal: 64 characters.
  static func hexDigest(of bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes)
    let digits: StaticString = "0123456789abcdef"
    let hexadecimal = hash.finish().flatMap { byte in
      [digits.utf8Start[Int(byte >> 4)], digits.utf8Start[Int(byte & 15)]]
    }
    return String(decoding: hexadecimal, as: UTF8.self)
  }

  private mutating func update(_ bytes: [UInt8]) {
    length += UInt64(bytes.count)
    var start = 0
    while bytes.count - start >= 64 {
      bytes.withUnsafeBufferPointer { compress($0, from: start) }
      start += 64
    }
    pending = Array(bytes[start...])
  }

  private mutating func finish() -> [UInt8] {
    var tail = pending
    tail.append(0x80)
    while tail.count % 64 != 56 { tail.append(0) }
    let bits = length &* 8
    for shift in stride(from: 56, through: 0, by: -8) {
      tail.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    for start in stride(from: 0, to: tail.count, by: 64) {
      tail.withUnsafeBufferPointer { compress($0, from: start) }
    }
    return state.flatMap { word in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
  }

  private mutating func compress(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 16) { w in
      let raw = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start..<start + 64])
      for i in 0..<16 {
        w[i] = UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self))
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      Self.constants.withUnsafeBufferPointer { constants in
        var i = 0
        while i < 64 {
          // Sixteen words at a time: the next ones take the place of those that are used up.
          if i >= 16 {
            for j in 0..<16 {
              let (x, y) = (w[(j + 1) & 15], w[(j + 14) & 15])
              let s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >> 3)
              let s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >> 10)
              w[j] = w[j] &+ s0 &+ w[(j + 9) & 15] &+ s1
            }
          }
          // Eight rounds, after which every variable is back at its place.
          for j in stride(from: 0, to: 16, by: 8) {
            round(a, b, c, &d, e, f, g, &h, constants[i + j] &+ w[j])
            round(h, a, b, &c, d, e, f, &g, constants[i + j + 1] &+ w[j + 1])
            round(g, h, a, &b, c, d, e, &f, constants[i + j + 2] &+ w[j + 2])
            round(f, g, h, &a, b, c, d, &e, constants[i + j + 3] &+ w[j + 3])
            round(e, f, g, &h, a, b, c, &d, constants[i + j + 4] &+ w[j + 4])
            round(d, e, f, &g, h, a, b, &c, constants[i + j + 5] &+ w[j + 5])
            round(c, d, e, &f, g, h, a, &b, constants[i + j + 6] &+ w[j + 6])
            round(b, c, d, &e, f, g, h, &a, constants[i + j + 7] &+ w[j + 7])
          }
          i += 16
        }
      }
      state[0] &+= a
      state[1] &+= b
      state[2] &+= c
      state[3] &+= d
      state[4] &+= e
      state[5] &+= f
      state[6] &+= g
      state[7] &+= h
    }
  }

  @inline(__always)
  private func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32,
    _ g: UInt32, _ h: inout UInt32, _ input: UInt32
  ) {
    let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    let t1 = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ input
    let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    d = d &+ t1
    h = t1 &+ s0 &+ ((a & b) ^ (a & c) ^ (b & c))
  }

  @inline(__always)
  private func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 {
    value >> count | value << (32 - count)
  }

  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]
}
