extension JSONPatch {
  /// Reads the operations from their JSON form, an array of objects.
  public init(_ value: JSONValue) throws(JSONPatchError) {
    guard case .array(let elements) = value else {
      throw JSONPatchError(
        reason: .malformed, message: "must be an array of operations, not \(value.typeName)")
    }
    guard elements.count <= Self.maximumOperations else {
      throw JSONPatchError(
        reason: .tooLarge,
        message: "has \(elements.count) operations; \(Self.maximumOperations) are allowed")
    }
    operations = []
    operations.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      operations.append(try Reader(index: index, element: element).operation())
    }
  }

  /// The JSON form.
  public var value: JSONValue {
    .array(
      operations.map { operation in
        var object: JSONObject = ["op": .string(operation.name)]
        switch operation {
        case .move(let from, _), .copy(let from, _): object["from"] = .string(from.description)
        default: break
        }
        object["path"] = .string(operation.path.description)
        switch operation {
        case .add(_, let value), .replace(_, let value), .test(_, let value):
          object["value"] = value
        default: break
        }
        return .object(object)
      })
  }

  private struct Reader {
    let index: Int
    let element: JSONValue

    func operation() throws(JSONPatchError) -> Operation {
      guard case .object(let members) = element else {
        throw malformed("must be an object, not \(element.typeName)")
      }
      guard let name = members["op"]?.string else {
        throw malformed("needs a string member \"op\"")
      }
      switch name {
      case "add": return .add(try pointer("path"), try value(members))
      case "remove": return .remove(try pointer("path"))
      case "replace": return .replace(try pointer("path"), try value(members))
      case "move": return .move(from: try pointer("from"), to: try pointer("path"))
      case "copy": return .copy(from: try pointer("from"), to: try pointer("path"))
      case "test": return .test(try pointer("path"), try value(members))
      default:
        throw malformed(
          "unknown op \"\(name)\"; known are add, remove, replace, move, copy and test")
      }
    }

    private func value(_ members: JSONObject) throws(JSONPatchError) -> JSONValue {
      guard let value = members["value"] else { throw malformed("needs a member \"value\"") }
      return value
    }

    private func pointer(_ name: String) throws(JSONPatchError) -> JSONPointer {
      guard let text = element[name]?.string else {
        throw malformed("needs a string member \"\(name)\"")
      }
      do throws(JSONPointerError) {
        return try JSONPointer(text)
      } catch {
        throw malformed("\(name): \(error)")
      }
    }

    private func malformed(_ message: String) -> JSONPatchError {
      JSONPatchError(
        index: index, operation: element["op"]?.string, path: element["path"]?.string,
        reason: .malformed, message: message)
    }
  }
}
