import Glibc

/// Standard output and error: whole writes, colour only where a person looks.
enum Terminal {
  static let isOutputInteractive = isatty(STDOUT_FILENO) == 1

  /// https://no-color.org
  static let usesColour =
    isOutputInteractive && getenv("NO_COLOR") == nil
    && getenv("TERM").map { String(cString: $0) } != "dumb"

  static func write(_ text: String, newline: Bool = true) {
    write(text, newline: newline, to: STDOUT_FILENO)
  }

  static func writeError(_ text: String) { write(text, newline: true, to: STDERR_FILENO) }

  private static func write(_ text: String, newline: Bool, to descriptor: Int32) {
    var text = newline ? text + "\n" : text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          // The reader has gone: there is nobody left to tell.
          if errno == EPIPE { exit(descriptor == STDOUT_FILENO ? 0 : 1) }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }

  static func styled(_ text: String, _ style: Style) -> String {
    usesColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
