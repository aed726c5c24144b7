public import JSON
import KubernetesAPI

/// Where the lines of a rendering come from, found by experiment: one field is changed, the agent is
/// rendered again, and what comes out otherwise came from that field. The experiment asks the real
/// renderer, so that no table can fall behind it.
public struct Provenance: Sendable {
  public enum Origin: Sendable, Hashable {
    /// A field that the manifest sets.
    case field(String)
    /// The default of a field that the manifest leaves out.
    case defaultOf(String)
    /// The class sets it.
    case agentClass
  }

  public let lines: RenderedLines
  /// By `Object path`, the fields of the manifest first.
  private(set) var origins: [String: [Origin]] = [:]
  /// Fields of the manifest that could be varied, with the lines that follow them.
  public private(set) var effects: [(field: String, lines: Set<String>)] = []

  /// - Parameters:
  ///   - manifest: an AgentDeployment.
  ///   - render: what it becomes; nil when it is refused.
  ///   - renderWithoutClass: the same, of the built-in class.
  public init?(
    of manifest: JSONValue,
    renderWithoutClass: (JSONValue) -> RenderedLines?, render: (JSONValue) -> RenderedLines?
  ) {
    guard let lines = render(manifest) else { return nil }
    self.lines = lines
    for field in Self.fields(of: manifest["spec"] ?? [:], ["spec"]) {
      guard let changed = Self.variation(of: manifest, at: field, lines, render) else { continue }
      let affected = lines.differences(from: changed)
      let name = Self.name(field, manifest)
      effects.append((name, affected))
      for line in affected { origins[line, default: []].append(.field(name)) }
    }
    for key in ["name", "namespace"] {
      let pointer = JSONPointer(tokens: ["metadata", key])
      guard let old = manifest[pointer]?.string else { continue }
      let name = "varied-\(key)"
      guard let variant = Self.setting(.string(name), at: pointer.tokens[...], in: manifest),
        let changed = render(variant)?.renamed(from: name, to: old)
      else { continue }
      for line in lines.differences(from: changed) {
        origins[line, default: []].append(.field("metadata.\(key)"))
      }
    }
    if let plain = renderWithoutClass(manifest) {
      for line in lines.differences(from: plain) { origins[line, default: []].append(.agentClass) }
    }
    for (name, values) in FieldVariations.all {
      let pointer = JSONPointer(tokens: name.split(separator: ".").map(String.init))
      guard manifest[pointer] == nil else { continue }
      let variants = values.compactMap { Self.setting($0, at: pointer.tokens[...], in: manifest) }
      let affected = variants.compactMap(render).reduce(into: Set<String>()) {
        $0.formUnion(lines.differences(from: $1))
      }
      guard !affected.isEmpty else { continue }
      effects.append((name, affected))
      for line in affected { origins[line, default: []].append(.defaultOf(name)) }
    }
  }

  public func origins(of line: RenderedLines.Line) -> [Origin] {
    origins["\(line.object) \(line.path)"] ?? []
  }

  // MARK: Varying

  /// The leaves of a spec.
  private static func fields(of value: JSONValue, _ path: [String]) -> [JSONPointer] {
    switch value {
    case .object(let members) where !members.isEmpty:
      members.flatMap { fields(of: $0.value, path + [$0.key]) }
    case .array(let items) where !items.isEmpty:
      items.enumerated().flatMap { fields(of: $0.element, path + [String($0.offset)]) }
    default: [JSONPointer(tokens: path)]
    }
  }

  /// The rendering of a valid manifest that differs in one field: it has another value or is left
  /// out. Only when every such manifest is refused, the section or the entry around it goes.
  private static func variation(
    of manifest: JSONValue, at field: JSONPointer, _ original: RenderedLines,
    _ render: (JSONValue) -> RenderedLines?
  ) -> RenderedLines? {
    guard let value = manifest[field] else { return nil }
    let name = field.tokens.joined(separator: ".")
    let values = others(value) + (FieldVariations.all.first { $0.field == name }?.values ?? [])
    var candidates = values.compactMap { other -> JSONValue? in
      var changed = manifest
      do { try changed.set(other, at: field) } catch { return nil }
      return changed
    }
    candidates.append(without(manifest, field))
    var unchanged: RenderedLines?
    for candidate in candidates {
      guard let rendered = render(candidate) else { continue }
      if !original.differences(from: rendered).isEmpty { return rendered }
      unchanged = rendered
    }
    var pointer = JSONPointer(tokens: field.tokens.dropLast())
    while unchanged == nil, pointer.tokens.count > 1 {
      unchanged = render(without(manifest, pointer))
      pointer = JSONPointer(tokens: pointer.tokens.dropLast())
    }
    return unchanged
  }

  private static func others(_ value: JSONValue) -> [JSONValue] {
    switch value {
    case .bool(let flag): return [.bool(!flag)]
    case .int(let number): return [.int(number + 1), .int(number - 1)]
    case .string(let text):
      if let duration = KubernetesDuration(text) {
        return [.string(KubernetesDuration(milliseconds: duration.milliseconds + 1000).description)]
      }
      if let number = Int(text) { return [.string(String(number + 1))] }
      return [.string(text + "x"), .string(text + "-x")]
    default: return []
    }
  }

  private static func without(_ manifest: JSONValue, _ pointer: JSONPointer) -> JSONValue {
    guard let last = pointer.tokens.last else { return manifest }
    let parent = JSONPointer(tokens: pointer.tokens.dropLast())
    var changed = manifest
    guard var container = manifest[parent] else { return manifest }
    if case .array(var items) = container, let index = Int(last), items.indices.contains(index) {
      items.remove(at: index)
      container = .array(items)
    } else {
      container[last] = nil
    }
    do { try changed.set(container, at: parent) } catch { return manifest }
    return changed
  }

  private static func setting(
    _ value: JSONValue, at path: ArraySlice<String>, in manifest: JSONValue
  ) -> JSONValue? {
    guard let first = path.first else { return value }
    var changed = manifest
    changed[first] = setting(value, at: path.dropFirst(), in: manifest[first] ?? [:])
    return changed
  }

  private static func name(_ pointer: JSONPointer, _ manifest: JSONValue) -> String {
    var value: JSONValue? = manifest
    var components: [FieldPath.Component] = []
    for token in pointer.tokens {
      if case .array(let items) = value, let index = Int(token) {
        components.append(.index(index))
        value = items.indices.contains(index) ? items[index] : nil
      } else {
        components.append(.key(token))
        value = value?[token]
      }
    }
    return FieldPath(components).description
  }
}
