import JSON

/// YAML and JSON text as the Kubernetes tools use it: a way to write JSON trees.
///
/// Input is read by YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema). A plain
/// scalar that `kubectl` (YAML 1.1 through go-yaml v2) would read as something else is refused, so
/// that a file never means two things. Output quotes everything that either version could misread.
public enum YAML {}

/// What a parser refuses, so that hostile input costs bounded time and memory.
public struct YAMLLimits: Sendable {
  /// Of one file, in bytes.
  public var maximumBytes: Int
  /// Sequences and mappings inside each other.
  public var maximumDepth: Int
  /// Values that aliases and merge keys may add by repeating others, whatever the file's size.
  /// Long strings count for more than one. Tighter for small files: ten times what is written out
  /// plus 100,000.
  public var maximumAliasedNodes: Int
  /// Of one file; empty ones do not count.
  public var maximumDocuments: Int
  /// After so many errors in a file the rest of it is not read.
  public var maximumErrors: Int

  public init(
    maximumBytes: Int = 32 << 20, maximumDepth: Int = 200, maximumAliasedNodes: Int = 1_000_000,
    maximumDocuments: Int = 100_000, maximumErrors: Int = 100
  ) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
    self.maximumAliasedNodes = maximumAliasedNodes
    self.maximumDocuments = maximumDocuments
    self.maximumErrors = maximumErrors
  }
}

/// How plain scalars are read on which YAML 1.1 and 1.2 disagree, such as `yes`, `012` or `1_000`.
public enum YAMLDialect: Sendable {
  /// Not at all: they are errors that ask for quotes. For what people write.
  case strict
  /// As `kubectl` and the API server do (sigs.k8s.io/yaml, YAML 1.1): `yes` is true, `012` is 10.
  case kubectl
  /// As YAML 1.2's core schema has it: `yes` is text, `012` is 12. For what programs have written.
  case core
}

/// The documents of one or more files, and everything that is wrong with them.
public struct YAMLParseResult: Sendable {
  /// Also those with errors (`isFaulty`), so that further checks can report all faults at once.
  public var documents: [YAMLDocument]
  public var errors: [YAMLError]
  /// Where they are asked for.
  public var comments: [YAMLComment] = []

  public init(documents: [YAMLDocument] = [], errors: [YAMLError] = []) {
    self.documents = documents
    self.errors = errors
  }

  /// The documents when nothing is wrong.
  public func get() throws(YAMLFailure) -> [YAMLDocument] {
    if errors.isEmpty { return documents }
    throw YAMLFailure(errors: errors)
  }
}

extension YAML {
  /// Parses all documents of a file; empty ones are left out.
  ///
  /// A syntax error ends the file; all other errors are collected. JSON, also several documents
  /// after each other, is parsed as such when the text begins with `{` or `[`.
  ///
  /// - Parameter file: the name that errors carry. One that ends in `.json` allows JSON only.
  public static func parse(
    _ bytes: [UInt8], file: String, dialect: YAMLDialect = .strict,
    limits: YAMLLimits = YAMLLimits()
  ) -> YAMLParseResult {
    guard bytes.count <= limits.maximumBytes else {
      return YAMLParseResult(errors: [
        YAMLError(
          file: file, message: "has more than \(sizeText(limits.maximumBytes)), the limit",
          hint: "split it into several files")
      ])
    }
    let isJSONFile = file.hasSuffix(".json")
    guard isJSONFile || startsLikeJSON(bytes) else {
      return parseYAML(bytes, file, dialect, limits)
    }
    do throws(JSONParseError) {
      let values = try JSONValue.parseSequence(
        bytes, limits: JSONParseLimits(maximumDepth: limits.maximumDepth))
      guard values.count <= limits.maximumDocuments else {
        return YAMLParseResult(errors: [tooManyDocuments(file, limits)])
      }
      return YAMLParseResult(documents: jsonDocuments(values, bytes, file))
    } catch {
      let jsonError = YAMLError(
        file: file, position: YAMLPosition(line: error.line, column: error.column),
        message: error.message)
      if isJSONFile { return YAMLParseResult(errors: [jsonError]) }
      // `{` also begins YAML's flow style, which reports more than the first error.
      var result = parseYAML(bytes, file, dialect, limits)
      if result.errors.contains(where: \.endsFile), looksLikeJSON(bytes) {
        result = YAMLParseResult(errors: [jsonError])
      }
      return result
    }
  }

  public static func parse(
    _ text: String, file: String, dialect: YAMLDialect = .strict, limits: YAMLLimits = YAMLLimits()
  ) -> YAMLParseResult {
    parse(Array(text.utf8), file: file, dialect: dialect, limits: limits)
  }

  static func tooManyDocuments(_ file: String, _ limits: YAMLLimits) -> YAMLError {
    YAMLError(
      file: file, message: "holds more than \(limits.maximumDocuments) documents, the limit",
      hint: "split it into several files")
  }

  private static func startsLikeJSON(_ bytes: [UInt8]) -> Bool {
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    let first = text.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  /// Whether the first thing inside the brackets is in double quotes.
  private static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
    let first = bytes.first {
      switch $0 {
      case 0x20, 0x0A, 0x0D, 0x09, 0xEF, 0xBB, 0xBF, UInt8(ascii: "{"), UInt8(ascii: "["): false
      default: true
      }
    }
    return first == UInt8(ascii: "\"")
  }

  private static func jsonDocuments(
    _ values: [(value: JSONValue, offset: Int)], _ bytes: [UInt8], _ file: String
  ) -> [YAMLDocument] {
    var documents: [YAMLDocument] = []
    documents.reserveCapacity(values.count)
    var cursor = TextCursor()
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { cursor.offset = 3 }
    for (index, document) in values.enumerated() {
      bytes.withUnsafeBufferPointer { cursor.advance(to: document.offset, in: $0) }
      documents.append(
        YAMLDocument(
          value: document.value, file: file, index: index, line: Int(cursor.line),
          positions: .json(LazyJSONPositions(bytes: bytes, start: cursor))))
    }
    return documents
  }

  private static func parseYAML(
    _ bytes: [UInt8], _ file: String, _ dialect: YAMLDialect, _ limits: YAMLLimits
  ) -> YAMLParseResult {
    bytes.withUnsafeBufferPointer { buffer in
      var builder = DocumentBuilder(
        source: EventSource(buffer), file: file, dialect: dialect, limits: limits)
      return builder.parse()
    }
  }

  static func sizeText(_ bytes: Int) -> String {
    bytes >= 1 << 20 && bytes % (1 << 20) == 0 ? "\(bytes >> 20) MiB" : "\(bytes) bytes"
  }
}
