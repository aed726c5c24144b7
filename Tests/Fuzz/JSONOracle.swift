import JSON

/// What is read is written, and what is written reads back as the same value in every form.
enum JSONOracle {
  private static let forms: [JSONWritingOptions] = [
    [], .canonical, .prettyPrinted, [.prettyPrinted, .sortedKeys],
  ]

  static func check(_ bytes: [UInt8]) {
    let strict = try? JSONValue(parsing: bytes)
    if let strict { check(strict) }
    let loose = try? JSONValue(
      parsing: bytes, limits: JSONParseLimits(maximumDepth: 20, allowsDuplicateKeys: true))
    if let loose {
      check(loose)
      if let strict { require(strict == loose, "duplicate keys or depth change \(strict)") }
    }
    if let strict {
      let sequence = try? JSONValue.parseSequence(bytes).map(\.value)
      require(sequence == [strict], "a sequence of one document is not that document: \(strict)")
      let text = String(validating: bytes, as: UTF8.self)
      if let text {
        require((try? JSONValue(parsing: text)) == strict, "text and bytes differ: \(strict)")
      } else {
        require(false, "bytes that are not UTF-8 were accepted")
      }
    } else if let documents = try? JSONValue.parseSequence(bytes) {
      for document in documents { check(document.value) }
    }
  }

  static func check(_ value: JSONValue) {
    for form in forms {
      let written = value.serializedBytes(form)
      let again = try? JSONValue(parsing: written)
      require(again == value, "\(value) reads back as \(again.map(String.init) ?? "an error")")
      require(
        again?.serializedBytes(form) == written, "\(value) is written differently the second time")
    }
  }
}
