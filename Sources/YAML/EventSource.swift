import CLibYAML

/// libyaml's parser: a stream of events, one at hand.
///
/// Owns the C structures; the parser keeps a pointer to itself, so it may not move.
final class EventSource {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeBufferPointer<UInt8>
  /// Valid until `next()`.
  private(set) var event = yaml_event_t()
  private var isReady: Bool

  /// `input` must stay valid as long as the source is used.
  init(_ input: UnsafeBufferPointer<UInt8>) {
    self.input = input
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    isReady = yaml_parser_initialize(parser) == 1
    if isReady { yaml_parser_set_input_string(parser, input.baseAddress, input.count) }
  }

  deinit {
    yaml_event_delete(&event)
    if isReady { yaml_parser_delete(parser) }
    parser.deallocate()
  }

  /// False at a syntax error, which `failure` then describes.
  func next() -> Bool {
    yaml_event_delete(&event)
    return isReady && yaml_parser_parse(parser, &event) == 1
  }

  var type: yaml_event_type_t { event.type }

  var mark: Mark { Mark(event.start_mark) }

  /// Why `next()` failed, and where.
  var failure: (message: String, hint: String?, mark: Mark) {
    guard isReady, parser.pointee.error != YAML_MEMORY_ERROR, let text = parser.pointee.problem
    else { return ("there is not enough memory to read the file", nil, Mark(line: 1, column: 1)) }
    let problem = String(cString: text)
    if parser.pointee.error == YAML_READER_ERROR { return readerFailure(problem) }
    let mark = Mark(parser.pointee.problem_mark)
    var message = "not valid YAML: \(problem)"
    if let context = parser.pointee.context {
      message += ", \(String(cString: context))"
      let start = Mark(parser.pointee.context_mark)
      if start.line != mark.line { message += " that starts in line \(start.line)" }
    }
    let offset = Int(parser.pointee.problem_mark.index)
    return (message, Self.hint(for: problem, next: character(offset)), mark)
  }

  private func readerFailure(_ problem: String) -> (String, String?, Mark) {
    var cursor = TextCursor()
    cursor.advance(to: Int(parser.pointee.problem_offset), in: input)
    let code = parser.pointee.problem_value
    switch problem {
    case "control characters are not allowed":
      let hex = String(code, radix: 16, uppercase: true)
      let digits = String(repeating: "0", count: max(0, 4 - hex.count)) + hex
      return (
        "the character U+\(digits) is not allowed in YAML",
        "is this a text file? In a double-quoted string it can be written as an escape", cursor.mark
      )
    case let problem where problem.contains("UTF-8"):
      return ("not valid UTF-8: \(problem)", "save the file as UTF-8", cursor.mark)
    default: return ("not readable as text: \(problem)", "save the file as UTF-8", cursor.mark)
    }
  }

  /// libyaml counts characters, so this is exact only for ASCII before the place: good for hints.
  private func character(_ offset: Int) -> UInt8? {
    input.indices.contains(offset) ? input[offset] : nil
  }

  private static func hint(for problem: String, next: UInt8?) -> String? {
    switch problem {
    case "found character that cannot start any token":
      switch next {
      case 0x09: "indent with spaces: YAML does not allow tabs there"
      default: "put the value in quotes"
      }
    case "mapping values are not allowed in this context":
      "check the indentation, and put a value that holds \": \" in quotes"
    case "did not find expected key", "did not find expected '-' indicator",
      "could not find expected ':'":
      "check the indentation of this line and of the one before"
    case "did not find expected <document start>":
      "check the indentation; documents are separated by a line with ---"
    case "did not find expected alphabetic or numeric character":
      "put text that begins with * or & in quotes"
    case "found unexpected end of stream": "a quote or bracket is not closed"
    case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
      "a comma or closing bracket is missing"
    default: nil
    }
  }
}

extension Mark {
  init(_ mark: yaml_mark_t) {
    self.init(
      line: UInt32(clamping: mark.line + 1), column: UInt32(clamping: mark.column + 1))
  }
}
