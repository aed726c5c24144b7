/// A text that no description, dump or interpolation shows.
public struct Secret: Sendable, Hashable {
  /// For the one place that sends it.
  public let text: String

  public init(_ text: String) { self.text = text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "(hidden)" }
  public var debugDescription: String { "(hidden)" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
