import JSON
import KubernetesAPI

/// What a finished pod template has that it may not have, or lacks.
struct PodProblem: Hashable {
  /// Where in the template. Elements of lists stand by what tells them apart, so that the same problem
  /// is known again in a template with more of them.
  var path: FieldPath
  var message: String
  var fix: String?
}

/// The lists of a pod whose elements problems are about.
enum PodLists {
  static let containers = ["containers", "initContainers", "ephemeralContainers"]
  static let all: Set<String> = [
    "containers", "initContainers", "ephemeralContainers", "volumes", "ports",
  ]

  /// What tells an element apart: what the list is merged by, else its place.
  static func key(of element: JSONValue, in list: String, at index: Int) -> String {
    let key = list == "ports" ? element["containerPort"]?.int.map(String.init) : nil
    return key ?? element["name"]?.string ?? String(index)
  }

  /// The elements with their places in a template.
  static func elements(
    of parent: JSONValue, _ list: String, at path: FieldPath
  ) -> [(element: JSONValue, path: FieldPath)] {
    parent.items(list).enumerated().map { i, element in
      (element, path.appending(list).appending(key(of: element, in: list, at: i)))
    }
  }
}

/// A pod template after one of the steps that make it.
struct PodStage {
  var template: JSONValue
  /// What the user wrote for the step, and where. Nothing of what is rendered.
  var patch: JSONValue = [:]
  var path: FieldPath = []

  /// Where the user's words are about a place of the template. The list, where an element of it that is
  /// meant is not in them.
  func location(of place: FieldPath) -> FieldPath {
    var path = path
    var value: JSONValue? = patch
    var list: String?
    for case .key(let key) in place.components {
      if let parent = list {
        let items = value?.array ?? []
        guard
          let i = items.indices.first(where: {
            PodLists.key(of: items[$0], in: parent, at: $0) == key
          })
        else { return path }
        path = path.appending(i)
        value = items[i]
        list = nil
      } else {
        path = path.appending(key)
        value = value?[key]
        if PodLists.all.contains(key) { list = key }
      }
    }
    return path
  }
}

extension [PodStage] {
  /// What is wrong with the last template, each with where the user brought it in. Not what was wrong
  /// from the first: that comes from fields which have errors of their own. Not more than are reported.
  func problems(_ find: (JSONValue) -> [PodProblem]) -> [(problem: PodProblem, path: FieldPath)] {
    guard count > 1 else { return [] }
    let found = map { find($0.template) }
    let sets = found.map(Set.init)
    let brought = found[count - 1].lazy.compactMap { problem -> (PodProblem, PodStage)? in
      let before = sets.lastIndex { !$0.contains(problem) }
      guard let before, before + 1 < count else { return nil }
      return (problem, self[before + 1])
    }
    return brought.prefix(FieldValidator.errorLimit).map { problem, stage in
      (problem, stage.location(of: problem.path))
    }
  }
}
