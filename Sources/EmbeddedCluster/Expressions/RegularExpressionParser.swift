/// Reads RE2's syntax (https://github.com/google/re2/wiki/Syntax).
struct RegularExpressionParser {
  private struct Flags {
    var ignoresCase = false
    var isMultiline = false
    var dotMatchesNewline = false
    var swapsGreed = false
  }

  private let pattern: [Unicode.Scalar]
  private var position = 0
  private var flags = Flags()
  private var depth = 0
  /// One that was named: to which script a character belongs is not known here.
  private(set) var script: String?

  init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

  mutating func parse() throws(RegularExpressionError) -> RegularExpressionNode {
    let node = try choice()
    if position < pattern.count {
      throw RegularExpressionError("unexpected ): `\(text(0..<pattern.count))`")
    }
    return node
  }

  private var peek: Unicode.Scalar? { position < pattern.count ? pattern[position] : nil }

  private func text(_ range: Range<Int>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: pattern[range.clamped(to: 0..<pattern.count)])
    return String(text)
  }

  private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    position += 1
    return true
  }

  private mutating func choice() throws(RegularExpressionError) -> RegularExpressionNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 200 else {
      throw RegularExpressionError("expression nests too deeply: `\(text(0..<pattern.count))`")
    }
    var branches = [try sequence()]
    while accept("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() throws(RegularExpressionError) -> RegularExpressionNode {
    var nodes: [RegularExpressionNode] = []
    while let scalar = peek, scalar != "|", scalar != ")" {
      let start = position
      guard let atom = try atom() else { continue }
      nodes.append(try repetitions(of: atom, from: start))
    }
    return nodes.isEmpty ? .empty : nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  // MARK: Repetition

  private mutating func repetitions(
    of atom: RegularExpressionNode, from start: Int
  ) throws(RegularExpressionError) -> RegularExpressionNode {
    var node = atom
    var isRepeated = false
    while let (least, most) = try bounds() {
      guard !isRepeated else {
        throw RegularExpressionError(
          "invalid nested repetition operator: `\(text(start..<position))`")
      }
      isRepeated = true
      let isLazy = accept("?")
      node = .repetition(node, least: least, most: most, isGreedy: isLazy == flags.swapsGreed)
    }
    return node
  }

  private mutating func bounds() throws(RegularExpressionError) -> (Int, Int?)? {
    switch peek {
    case "*":
      position += 1
      return (0, nil)
    case "+":
      position += 1
      return (1, nil)
    case "?":
      position += 1
      return (0, 1)
    case "{":
      let start = position
      position += 1
      guard let least = number() else {
        position = start
        return nil
      }
      var most: Int? = least
      if accept(",") { most = number() }
      guard accept("}") else {
        position = start
        return nil
      }
      guard least <= 1000, (most ?? least) <= 1000, (most ?? least) >= least else {
        throw RegularExpressionError("invalid repeat count: `\(text(start..<position))`")
      }
      return (least, most)
    default: return nil
    }
  }

  private mutating func number() -> Int? {
    let start = position
    while let scalar = peek, ("0"..."9").contains(scalar), position - start < 6 { position += 1 }
    return Int(text(start..<position))
  }

  // MARK: Atoms

  private func literal(_ scalar: Unicode.Scalar) -> RegularExpressionNode {
    .set(folded(RegularExpressionSet(scalar.value...scalar.value)))
  }

  private func folded(_ set: RegularExpressionSet) -> RegularExpressionSet {
    var set = set
    set.ignoresCase = flags.ignoresCase
    return set
  }

  /// Nil for what only sets flags.
  private mutating func atom() throws(RegularExpressionError) -> RegularExpressionNode? {
    guard let scalar = peek else { return nil }
    let start = position
    position += 1
    switch scalar {
    case ".":
      let newline = RegularExpressionSet(0x0A...0x0A).negated
      return .set(flags.dotMatchesNewline ? RegularExpressionSet(0...0x10FFFF) : newline)
    case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
    case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
    case "(": return try group()
    case "[": return .set(folded(try characterClass()))
    case "\\": return try escape()
    case "*", "+", "?":
      throw RegularExpressionError(
        "missing argument to repetition operator: `\(text(start..<position))`")
    case "{":
      position = start
      if try bounds() != nil {
        throw RegularExpressionError(
          "missing argument to repetition operator: `\(text(start..<position))`")
      }
      position = start + 1
      return literal(scalar)
    default: return literal(scalar)
    }
  }

  private mutating func group() throws(RegularExpressionError) -> RegularExpressionNode? {
    let start = position - 1
    let saved = flags
    if accept("?") {
      let isNamed = accept("P") ? peek == "<" : peek == "<"
      if isNamed {
        position += 1
        let nameStart = position
        while let scalar = peek, scalar != ">" { position += 1 }
        let name = text(nameStart..<position)
        guard accept(">"), !name.isEmpty,
          name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
        else {
          throw RegularExpressionError("invalid named capture: `\(text(start..<position))`")
        }
      } else if try !flagGroup(from: start) {
        return nil
      }
    }
    let node = try choice()
    guard accept(")") else {
      throw RegularExpressionError("missing closing ): `\(text(0..<pattern.count))`")
    }
    flags = saved
    return node
  }

  /// Reads `i-s:` or `i)`; true when a group's content follows.
  private mutating func flagGroup(from start: Int) throws(RegularExpressionError) -> Bool {
    var value = true
    while let scalar = peek {
      position += 1
      switch scalar {
      case "i": flags.ignoresCase = value
      case "m": flags.isMultiline = value
      case "s": flags.dotMatchesNewline = value
      case "U": flags.swapsGreed = value
      case "-" where value: value = false
      case ":": return true
      case ")": return false
      default:
        throw RegularExpressionError(
          "invalid or unsupported Perl syntax: `\(text(start..<position))`")
      }
    }
    throw RegularExpressionError("missing argument to repetition operator: `?`")
  }

  // MARK: Escapes

  private mutating func escape() throws(RegularExpressionError) -> RegularExpressionNode {
    guard let scalar = peek else {
      throw RegularExpressionError("trailing backslash at end of expression: ``")
    }
    switch scalar {
    case "A", "z", "b", "B":
      position += 1
      return .assertion(
        scalar == "A"
          ? .textStart
          : scalar == "z"
            ? .textEnd
            : scalar == "b" ? .wordBoundary : .notWordBoundary)
    case "Q":
      position += 1
      var nodes: [RegularExpressionNode] = []
      while let next = peek {
        position += 1
        if next == "\\", peek == "E" {
          position += 1
          break
        }
        nodes.append(literal(next))
      }
      return .sequence(nodes)
    default:
      if let set = try classEscape() { return .set(folded(set)) }
      return literal(try scalarEscape())
    }
  }

  /// `\d`, `\pL` and their like; nil when what follows the backslash is something else.
  private mutating func classEscape() throws(RegularExpressionError) -> RegularExpressionSet? {
    guard let scalar = peek else { return nil }
    let set: RegularExpressionSet
    switch scalar {
    case "d": set = .digit
    case "D": set = RegularExpressionSet.digit.negated
    case "w": set = .word
    case "W": set = RegularExpressionSet.word.negated
    case "s": set = .space
    case "S": set = RegularExpressionSet.space.negated
    case "p", "P": return try categoryEscape()
    default: return nil
    }
    position += 1
    return set
  }

  private mutating func categoryEscape() throws(RegularExpressionError) -> RegularExpressionSet {
    let start = position - 1
    var isNegated = peek == "P"
    position += 1
    var name = ""
    if accept("{") {
      if accept("^") { isNegated.toggle() }
      while let scalar = peek, scalar != "}" {
        name.unicodeScalars.append(scalar)
        position += 1
      }
      guard accept("}") else {
        throw RegularExpressionError(
          "invalid character class range: `\(text(start..<position))`")
      }
    } else if let scalar = peek {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    let known = "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So "
    if name == "Any" {
      let any = RegularExpressionSet(0...0x10FFFF)
      return isNegated ? any.negated : any
    }
    if UnicodeScripts.contains(name) {
      script = name
      return RegularExpressionSet()
    }
    guard (known + "Z Zs Zl Zp C Cc Cf Cs Co").split(separator: " ").contains(name[...]) else {
      throw RegularExpressionError(
        "invalid character class range: `\(text(start..<position))`")
    }
    var set = RegularExpressionSet()
    set.categories = [(name, isNegated)]
    return set
  }

  private mutating func scalarEscape() throws(RegularExpressionError) -> Unicode.Scalar {
    let start = position - 1
    guard let scalar = peek else {
      throw RegularExpressionError("trailing backslash at end of expression: ``")
    }
    position += 1
    switch scalar {
    case "a": return "\u{07}"
    case "f": return "\u{0C}"
    case "t": return "\t"
    case "n": return "\n"
    case "r": return "\r"
    case "v": return "\u{0B}"
    case "0", "1"..."7":
      // A single digit but 0 is a back-reference.
      if scalar != "0", peek.map({ !("0"..."7").contains($0) }) ?? true { break }
      var value = scalar.value - 0x30
      for _ in 0..<2 {
        guard let next = peek, ("0"..."7").contains(next) else { break }
        value = value * 8 + next.value - 0x30
        position += 1
      }
      if let result = Unicode.Scalar(value) { return result }
    case "x":
      let digits: String
      if accept("{") {
        let from = position
        while let next = peek, next != "}" { position += 1 }
        digits = text(from..<position)
        position += 1
      } else {
        digits = text(position..<position + 2)
        position += 2
      }
      if let value = UInt32(digits, radix: 16), let result = Unicode.Scalar(value) { return result }
    default:
      let isWord = RegularExpressionSet.word.contains(scalar)
      if scalar.isASCII, !isWord || scalar == "_" { return scalar }
    }
    throw RegularExpressionError("invalid escape sequence: `\(text(start..<position))`")
  }

  // MARK: Classes

  private mutating func characterClass() throws(RegularExpressionError) -> RegularExpressionSet {
    let start = position - 1
    var set = RegularExpressionSet()
    set.isNegated = accept("^")
    var isFirst = true
    while let scalar = peek, scalar != "]" || isFirst {
      isFirst = false
      if scalar == "[", position + 1 < pattern.count, pattern[position + 1] == ":",
        let named = try posixClass()
      {
        set.formUnion(named)
        continue
      }
      if scalar == "\\" {
        position += 1
        if let escaped = try classEscape() {
          set.formUnion(escaped)
          continue
        }
        position -= 1
      }
      let from = position
      let low = try classScalar()
      var high = low
      if peek == "-", position + 1 < pattern.count, pattern[position + 1] != "]" {
        position += 1
        high = try classScalar()
      }
      guard low <= high else {
        throw RegularExpressionError("invalid character class range: `\(text(from..<position))`")
      }
      set.ranges.append(low.value...high.value)
    }
    guard accept("]") else {
      throw RegularExpressionError("missing closing ]: `\(text(start..<pattern.count))`")
    }
    return set
  }

  private mutating func classScalar() throws(RegularExpressionError) -> Unicode.Scalar {
    guard let scalar = peek else {
      throw RegularExpressionError("missing closing ]: `\(text(0..<pattern.count))`")
    }
    position += 1
    return scalar == "\\" ? try scalarEscape() : scalar
  }

  private mutating func posixClass() throws(RegularExpressionError) -> RegularExpressionSet? {
    let start = position
    var end = position + 2
    while end < pattern.count, pattern[end] != ":", pattern[end] != "]" { end += 1 }
    guard end + 1 < pattern.count, pattern[end] == ":", pattern[end + 1] == "]" else { return nil }
    var name = text(start + 2..<end)
    let isNegated = name.hasPrefix("^")
    if isNegated { name.removeFirst() }
    guard let set = RegularExpressionSet.posix(name) else {
      throw RegularExpressionError("invalid character class range: `\(text(start..<end + 2))`")
    }
    position = end + 2
    return isNegated ? set.negated : set
  }
}
