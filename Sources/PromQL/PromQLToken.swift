/// A piece of PromQL text.
struct PromQLToken: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    /// A metric, label or function name, or a keyword; names of metrics may hold colons.
    case identifier(String)
    case number(Double)
    /// Milliseconds.
    case duration(Int64)
    case string(String)
    /// `+`, `=~`, `{` and the like.
    case symbol(String)
    case end
  }

  var kind: Kind
  /// Byte offsets.
  var range: Range<Int>

  /// How a message names it.
  var text: String {
    switch kind {
    case .identifier(let name): "\"\(name)\""
    case .number: "a number"
    case .duration: "a duration"
    case .string: "a string"
    case .symbol(let symbol): "\"\(symbol)\""
    case .end: "the end"
    }
  }
}
