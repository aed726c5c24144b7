import CLibYAML
import JSON

/// Builds trees from libyaml's events and gathers what is wrong with them.
struct DocumentBuilder {
  /// Ends the file: a syntax error, a limit, or too many errors.
  struct Stop: Error {}

  /// A value with what it costs: the values in its tree, more for long strings.
  struct Node {
    var value: JSONValue
    var weight: Int
    var entry: Int
  }

  struct Anchor {
    var node: Node
    /// Anchors of member names have no entry in the position map.
    var hasEntry: Bool
  }

  let source: EventSource
  let file: String
  let dialect: YAMLDialect
  let limits: YAMLLimits
  private(set) var errors: [YAMLError] = []

  // Of the document at hand.
  var positions = PositionMap()
  var anchors: [String: Anchor] = [:]
  /// Anchors of the collections that are not complete yet.
  var openAnchors: Set<String> = []
  var path: [PathComponent] = []
  private var depth = 0
  private var ownNodes = 0
  private var aliasedNodes = 0

  init(source: EventSource, file: String, dialect: YAMLDialect, limits: YAMLLimits) {
    self.source = source
    self.file = file
    self.dialect = dialect
    self.limits = limits
  }

  mutating func parse() -> YAMLParseResult {
    var documents: [YAMLDocument] = []
    do {
      while true {
        try advance()
        switch source.type {
        case YAML_STREAM_END_EVENT: return YAMLParseResult(documents: documents, errors: errors)
        case YAML_DOCUMENT_START_EVENT:
          guard let document = try document(index: documents.count) else { break }
          guard documents.count < limits.maximumDocuments else {
            errors.append(YAML.tooManyDocuments(file, limits))
            throw Stop()
          }
          documents.append(document)
        default: break
        }
      }
    } catch {
      return YAMLParseResult(documents: documents, errors: errors)
    }
  }

  private mutating func document(index: Int) throws(Stop) -> YAMLDocument? {
    positions = PositionMap()
    anchors = [:]
    openAnchors = []
    path = []
    depth = 0
    ownNodes = 0
    aliasedNodes = 0
    let errorsBefore = errors.count
    try advance()
    let isEmpty = source.isEmptyScalar
    let node = try node(key: .noKey)
    try advance()  // the end of the document
    if isEmpty { return nil }
    var document = YAMLDocument(
      value: node.value, file: file, index: index, line: Int(positions.entries[0].line),
      positions: .yaml(positions))
    document.isFaulty = errors.count > errorsBefore
    return document
  }

  mutating func advance() throws(Stop) {
    if source.next() { return }
    let failure = source.failure
    var error = YAMLError(
      file: file, position: failure.mark.position, path: PathComponent.text(path),
      message: failure.message, hint: failure.hint)
    error.endsFile = true
    errors.append(error)
    throw Stop()
  }

  mutating func report(_ message: String, hint: String? = nil, at mark: Mark) throws(Stop) {
    errors.append(
      YAMLError(
        file: file, position: mark.position, path: PathComponent.text(path), message: message,
        hint: hint))
    if errors.count >= limits.maximumErrors {
      try stop("too many errors; the rest of the file was not read", at: mark)
    }
  }

  private mutating func stop(_ message: String, hint: String? = nil, at mark: Mark) throws(Stop) {
    var error = YAMLError(
      file: file, position: mark.position, path: PathComponent.text(path), message: message,
      hint: hint)
    error.endsFile = true
    errors.append(error)
    throw Stop()
  }

  /// The value that starts with the event at hand; its last event is at hand afterwards.
  mutating func node(key: Mark) throws(Stop) -> Node {
    let mark = source.mark
    let entry = positions.append(mark, key: key)
    ownNodes += 1
    switch source.type {
    case YAML_ALIAS_EVENT:
      return try alias(entry, mark)
    case YAML_SCALAR_EVENT:
      let anchor = source.anchor
      let value = try scalar(mark)
      var weight = 1
      if case .string(let text) = value { weight += text.utf8.count / 32 }
      let node = Node(value: value, weight: weight, entry: entry)
      if let anchor { anchors[anchor] = Anchor(node: node, hasEntry: true) }
      return node
    case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
      return try collection(entry, mark)
    default:
      // libyaml's grammar has no other event here.
      try stop("not valid YAML: a value is missing", at: mark)
      return Node(value: .null, weight: 1, entry: entry)
    }
  }

  private mutating func collection(_ entry: Int, _ mark: Mark) throws(Stop) -> Node {
    let anchor = source.anchor
    if let anchor { openAnchors.insert(anchor) }
    let isMapping = source.type == YAML_MAPPING_START_EVENT
    if let tag = source.tag, tag != (isMapping ? Tag.map : Tag.seq), tag != "!" {
      try refuse(tag, at: mark)
    }
    depth += 1
    if depth > limits.maximumDepth {
      try stop(
        "nested deeper than \(limits.maximumDepth) levels", hint: "no Kubernetes object needs this",
        at: mark)
    }
    let node = isMapping ? try mapping(entry) : try sequence(entry)
    depth -= 1
    if let anchor {
      openAnchors.remove(anchor)
      anchors[anchor] = Anchor(node: node, hasEntry: true)
    }
    return node
  }

  private mutating func sequence(_ entry: Int) throws(Stop) -> Node {
    var elements: [JSONValue] = []
    var weight = 1
    while true {
      try advance()
      if source.type == YAML_SEQUENCE_END_EVENT { break }
      path.append(.index(elements.count))
      let node = try node(key: .noKey)
      path.removeLast()
      elements.append(node.value)
      weight += node.weight
    }
    positions.close(entry)
    return Node(value: .array(elements), weight: weight, entry: entry)
  }

  private mutating func alias(_ entry: Int, _ mark: Mark) throws(Stop) -> Node {
    let name = source.aliasName
    guard let anchor = anchors[name], !openAnchors.contains(name) else {
      if openAnchors.contains(name) {
        try report("the alias *\(name) stands inside its own anchor", at: mark)
      } else {
        try report(
          "the alias *\(name) has no anchor",
          hint: "put &\(name) before a value above it, or quotes around the text", at: mark)
      }
      return Node(value: .null, weight: 1, entry: entry)
    }
    try addAliased(anchor.node.weight, at: mark)
    if anchor.hasEntry { positions.link(entry, to: positions.resolved(anchor.node.entry)) }
    return Node(value: anchor.node.value, weight: anchor.node.weight, entry: entry)
  }

  /// Counts what an alias repeats, so that a few lines cannot stand for gigabytes.
  mutating func addAliased(_ weight: Int, at mark: Mark) throws(Stop) {
    let (sum, overflow) = aliasedNodes.addingReportingOverflow(weight)
    aliasedNodes = sum
    let limit = min(limits.maximumAliasedNodes, 100_000 + 10 * ownNodes)
    if overflow || sum > limit {
      try stop(
        "aliases and merge keys repeat more than \(limit) values", hint: "write the values out",
        at: mark)
    }
  }
}
