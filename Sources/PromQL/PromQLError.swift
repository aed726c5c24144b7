/// Why a text is no PromQL expression.
public struct PromQLError: Error, Sendable, Hashable, CustomStringConvertible {
  /// In bytes from the start of the text.
  public var offset: Int
  public var message: String

  public init(offset: Int, message: String) {
    self.offset = offset
    self.message = message
  }

  public var description: String { "at offset \(offset): \(message)" }
}
